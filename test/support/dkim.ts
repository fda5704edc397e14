/**
 * DKIM keys made at run time with the records that publish them, and a verifier that is not ours.
 */
import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';

export interface TestDkimKey {
  readonly pem: string;
  /** What stands in DNS. */
  readonly record: string;
}

export function makeRsaKey(bits = 2_048): TestDkimKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  return { pem: pemOf(privateKey), record: `v=DKIM1; k=rsa; p=${derOf(publicKey).toString('base64')}` };
}

export function makeEd25519Key(): TestDkimKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  // RFC 8463 4: the key alone, without the frame that DER puts around it.
  return {
    pem: pemOf(privateKey),
    record: `v=DKIM1; k=ed25519; p=${derOf(publicKey).subarray(-32).toString('base64')}`,
  };
}

export interface Verdict {
  readonly selector: string;
  readonly domain: string;
  readonly algorithm: string;
  readonly result: string;
  /** The domain of From that the signature is aligned with, or `false`. */
  readonly aligned: string;
  /** The field names of h=, as they stand there. */
  readonly signedFields: readonly string[];
  readonly hasLength: boolean;
}

/** `raw` has one character for each octet; `records` are by name. */
export async function verifyMail(raw: string, records: Readonly<Record<string, string>>): Promise<Verdict[]> {
  const { results } = await dkimVerify(Buffer.from(raw, 'latin1'), { resolver: (name) => lookUp(records, name) });
  return results.map((result) => ({
    selector: result.selector ?? '',
    domain: result.signingDomain,
    result: result.status.result,
    aligned: String(result.status.aligned),
    ...tagsOf(raw, result.selector ?? ''),
  }));
}

async function lookUp(records: Readonly<Record<string, string>>, name: string): Promise<string[][]> {
  const record = records[name];
  if (record === undefined) throw Object.assign(new Error(`no ${name}`), { code: 'ENOTFOUND' });
  return [[record]];
}

function tagsOf(raw: string, selector: string): Pick<Verdict, 'algorithm' | 'signedFields' | 'hasLength'> {
  const header = raw.slice(0, raw.indexOf('\r\n\r\n')).replaceAll(/\r\n[ \t]+/g, ' ');
  const fields = header.split('\r\n').filter((field) => field.startsWith('DKIM-Signature: '));
  const signature = fields.find((field) => field.includes(`s=${selector};`)) ?? '';
  const tag = (name: string): string | undefined => new RegExp(`[ ;]${name}=([^;]*)`).exec(signature)?.[1];
  return {
    algorithm: tag('a') ?? '',
    signedFields: (tag('h') ?? '').split(/: ?/),
    hasLength: tag('l') !== undefined,
  };
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function derOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

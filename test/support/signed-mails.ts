/**
 * Mails with reports, signed with DKIM in every way, also in those that ours are not.
 */
import { createHash, sign } from 'node:crypto';
import { readDkimKey } from '#adapters/mail/dkim-key.ts';
import type { DkimKey } from '#adapters/mail/dkim-key.ts';
import { signMail } from '#adapters/mail/sign-mail.ts';
import type { TestDkimKey } from './dkim.ts';
import { reportMail } from './inbound-mails.ts';

export const SIGNED_MS = Date.UTC(2026, 1, 1, 4);

export function dkimKeyOf(selector: string, { pem }: TestDkimKey): DkimKey {
  const reading = readDkimKey(selector, pem);
  if (reading.kind === 'unusable') throw new Error(reading.why);
  return reading.key;
}

/** `domain` is `d=`. */
export function signed(
  keys: readonly DkimKey[],
  { mail = reportMail(), domain = 'reporter.example' }: { readonly mail?: Buffer; readonly domain?: string } = {},
): Promise<Buffer> {
  return signMail(mail, { domain, keys }, SIGNED_MS);
}

export interface OddSignature {
  readonly algorithm?: 'rsa-sha1' | 'rsa-sha256';
  /** As in `h=`; every one is in the mail, once. */
  readonly fields?: readonly string[];
  /** Tags beside the usual ones, as in `l=10;`. */
  readonly tags?: string;
  /** How much of the body is signed; all of it without. */
  readonly bodyBytes?: number;
}

/** Signs with the RSA key in the `simple` way, which changes nothing of header and body, and what is odd about it is right. */
export function signedOddly(mail: Buffer, { selector, key }: DkimKey, odd: OddSignature): Buffer {
  const { algorithm = 'rsa-sha256', fields = ['From', 'Subject'], tags = '', bodyBytes } = odd;
  const hash = algorithm.slice('rsa-'.length);
  const text = mail.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const lines = text.slice(0, end).split('\r\n');
  const signedLines = fields.map((name) => lines.findLast((line) => line.startsWith(`${name}:`)) ?? '');
  const bh = createHash(hash)
    .update(text.slice(end + 4).slice(0, bodyBytes), 'latin1')
    .digest('base64');
  const value = `v=1; a=${algorithm}; c=simple/simple; d=reporter.example; s=${selector}; ${tags} h=${fields.join(':')}; bh=${bh}; b=`;
  const head = [...signedLines, `DKIM-Signature: ${value}`].join('\r\n');
  const b = sign(hash, Buffer.from(head, 'latin1'), key).toString('base64');
  return Buffer.concat([Buffer.from(`DKIM-Signature: ${value}${b}\r\n`), mail]);
}

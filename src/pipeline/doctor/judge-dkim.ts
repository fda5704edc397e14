/**
 * Whether receivers can verify the signatures of our mails with what DNS says of each key (RFC 6376 3.6.1, RFC 8460 3).
 */
import { readDkimRecord } from '#tlsrpt/dkim-record.ts';
import type { DkimRecord } from '#tlsrpt/dkim-record.ts';
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';

export interface SigningKey {
  /** `SELECTOR._domainkey.DOMAIN` */
  readonly name: string;
  readonly keyType: 'rsa' | 'ed25519';
  /** The public part in base64, in each form that receivers take; the first is the one to publish. */
  readonly publicKeys: readonly [string, ...string[]];
  /** The TXT records at that name, each as its character-strings. */
  readonly answer:
    | { readonly kind: 'answered'; readonly records: readonly (readonly string[])[] }
    | { readonly kind: 'bogus' }
    | { readonly kind: 'unanswered'; readonly why: string };
}

const { ok, warning, broken } = findingsOf('dkim');

/** `domain` is the one that has to sign. */
export function judgeDkim(keys: readonly SigningKey[], domain: string): Finding[] {
  if (keys.length > 0) return keys.map(judgeKey);
  return [
    ok(`Mails are not signed here, so the mail server that takes them must sign them as ${domain} (RFC 8460 3).`),
  ];
}

function judgeKey(key: SigningKey): Finding {
  const { name, answer } = key;
  if (answer.kind === 'unanswered')
    return warning(`It is not known whether ${name} has our key: ${answer.why}.`, 'run this again when DNS answers');
  if (answer.kind === 'bogus')
    return broken(`DNSSEC does not confirm what is at ${name}.`, 'mend the signatures of the zone');
  const [first, ...others] = answer.records;
  if (!first) return broken(`There is no DKIM key at ${name}.`, toPublish(key));
  if (others.length > 0)
    return broken(`There is more than one record at ${name}; receivers use any or none.`, 'remove all but one of them');
  const record = readDkimRecord(first.join(''));
  return record ? judgeRecord(record, key) : broken(`What is at ${name} is not a DKIM key.`, toPublish(key));
}

function judgeRecord(record: DkimRecord, key: SigningKey): Finding {
  const { name } = key;
  if (record.publicKey === '') return broken(`The key at ${name} is revoked.`, 'set send.dkim_keys to one that is not');
  if (!isOurs(record, key))
    return broken(
      `The key at ${name} is not the public part of the one that signs here.`,
      `set send.dkim_keys to its private key, or ${toPublish(key)}`,
    );
  if (record.hashes?.includes('sha256') === false)
    return broken(`The key at ${name} does not allow sha256 (h=).`, 'remove h= from its record');
  if (!isForReports(record))
    return warning(
      `The key at ${name} is for ${record.services.join(', ')} (s=), so some receivers ignore signatures of reports.`,
      'remove s= from its record',
    );
  if (record.isTesting)
    return warning(`The key at ${name} is for tests (t=y): receivers need not heed it.`, 'remove t=y from its record');
  return ok(`DNS has the key with which mails are signed, at ${name}.`);
}

function isOurs({ keyType, publicKey }: DkimRecord, ours: SigningKey): boolean {
  const bytes = Buffer.from(publicKey, 'base64');
  return keyType === ours.keyType && ours.publicKeys.some((own) => bytes.equals(Buffer.from(own, 'base64')));
}

/** RFC 8460 3 asks for `tlsrpt`; verifiers that know only mail take `email` or nothing (RFC 6376 3.6.1). */
function isForReports({ services }: DkimRecord): boolean {
  return services.includes('*') || ['email', 'tlsrpt'].every((service) => services.includes(service));
}

function toPublish({ name, keyType, publicKeys }: SigningKey): string {
  return `publish at ${name} the TXT record "v=DKIM1; k=${keyType}; p=${publicKeys[0]}"`;
}

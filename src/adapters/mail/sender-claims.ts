/**
 * What the header of a mail says about who sent it, for read to judge; nothing of it is shown by this.
 */
import { addressParser } from 'postal-mime';
import type { SenderClaims } from '#pipeline/read/mail-opener.ts';
import { canonicalDomain } from '#tlsrpt/domain-name.ts';
import { splitMail } from './mail-header.ts';
import type { HeaderField } from './mail-header.ts';

/** Mails that pass through several hands have a few. */
const MOST_FIELDS = 30;
const MAX_LENGTH = 16_384;

/** Undefined for a mail whose header cannot be relied on. */
export function senderClaimsOf(bytes: Uint8Array): SenderClaims | undefined {
  const fields = splitMail(bytes)?.fields;
  if (fields === undefined) return undefined;
  const numbered = fields.map((field, at) => ({ ...field, at }));
  const named = (name: string): (HeaderField & { at: number })[] => numbered.filter((field) => field.name === name);
  const values = (name: string): string[] => named(name).map(({ value }) => value.slice(0, MAX_LENGTH));
  return {
    fromDomain: domainOfOnly(values('from')),
    submitters: values('tls-report-submitter').slice(0, MOST_FIELDS).map(canonicalDomain),
    signatures: values('dkim-signature').slice(0, MOST_FIELDS),
    authenticationResults: named('authentication-results')
      .slice(0, MOST_FIELDS)
      .map(({ at, value }) => ({ at, value: value.slice(0, MAX_LENGTH) })),
  };
}

/** RFC 5322 3.6: there is one From. Several mailboxes in it have no one domain. */
function domainOfOnly(values: readonly string[]): string | undefined {
  const [value, ...others] = values;
  if (value === undefined || others.length > 0) return undefined;
  const [mailbox, ...more] = addressParser(value, { flatten: true });
  const address = more.length === 0 ? mailbox?.address : undefined;
  return address?.includes('@') === true ? canonicalDomain(address.slice(address.lastIndexOf('@') + 1)) : undefined;
}

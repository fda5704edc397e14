/**
 * Which domains a mail names as its sender.
 */
import type { NamedSenders } from '#tlsrpt/verification.ts';
import type { SenderClaims } from './mail-opener.ts';

/** Undefined where it names several submitters. */
export function namedSenders({ fromDomain, submitters }: SenderClaims): NamedSenders | undefined {
  const [submitter, ...others] = submitters;
  return others.length > 0 ? undefined : { fromDomain, submitter };
}

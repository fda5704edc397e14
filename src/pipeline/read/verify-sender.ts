/**
 * Finds out whether it is shown who sent a mail with a report: by its DKIM signatures (RFC 8460 3, RFC 6376), or, where an `authservId` is
 * given, by what the mail server of that name found out (RFC 8601), and then nothing is looked up.
 */
import type { Verification } from '#tlsrpt/verification.ts';
import type { KeyRecords } from './key-records.ts';
import type { MailOpener, SenderClaims } from './mail-opener.ts';
import { verifyByResults } from './verify-by-results.ts';
import { verifySignatures } from './verify-signatures.ts';

export interface SenderVerifying {
  readonly keys: KeyRecords;
  /** Lower case. */
  readonly authservId: string | undefined;
  readonly nowMs: () => number;
}

export interface SentMail {
  readonly bytes: Uint8Array;
  /** Its place among the mails that were found in the bytes. */
  readonly index: number;
  readonly sender: SenderClaims | undefined;
}

export async function verifySender(
  { bytes, index, sender }: SentMail,
  opener: MailOpener,
  { keys, authservId, nowMs }: SenderVerifying,
): Promise<Verification> {
  const method = authservId === undefined ? 'dkim' : 'authentication-results';
  if (sender === undefined) return { method, result: 'none', why: 'the header of the mail cannot be relied on' };
  if (authservId !== undefined) return verifyByResults(sender, { authservId, isForwarded: index > 0 });
  return verifySignatures(sender, {
    keys,
    check: (found) => opener.checkSignature(bytes, { ...found, mail: index, nowMs: nowMs() }),
  });
}

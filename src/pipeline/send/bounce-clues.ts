/**
 * Which delivery a bounce may be about, and how it is told that it is.
 *
 * The token of an envelope sender has nobody but who had that mail. A Message-ID is known to all who get the report, who can tell from it
 * those of the others, and a copy has the same; so a bounce that has it alone must name the mailbox as well, and proves less.
 */
import type { NumberedDelivery } from '#store/outbox/outbox-entries.ts';
import { shortDigest } from '#support/short-digest.ts';
import type { Bounce } from '#tlsrpt/bounce.ts';
import { readDestination } from '#tlsrpt/destination.ts';
import { MAILBOX_DIGEST_LENGTH, reportIdInMessageId, reportMessageId } from '#tlsrpt/report-mail.ts';
import { parseUtcDay } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { BounceTokens } from './bounce-tokens.ts';

export interface BounceClue {
  readonly day: UtcDay;
  /** What is to be looked for in the outbox of that day. */
  readonly sought: { readonly number: number } | { readonly reportId: string };
  readonly isOf: (delivery: NumberedDelivery) => boolean;
  /** Whether it comes from somebody who had the mail. */
  readonly isProof: boolean;
}

/** The surest first. `tokens` is undefined while nothing was ever named. */
export function cluesIn(bounce: Bounce, tokens: BounceTokens | undefined): BounceClue[] {
  return [
    ...bounce.tokens.flatMap((token) => tokenClue(token, tokens)),
    ...bounce.messageIds.flatMap((messageId) => messageIdClue(messageId, bounce)),
  ];
}

function tokenClue(token: string, tokens: BounceTokens | undefined): BounceClue[] {
  const read = tokens?.read(token);
  if (!read) return [];
  const { day, number, isOf } = read;
  return [{ day, sought: { number }, isOf: (delivery) => delivery.number === number && isOf(delivery), isProof: true }];
}

function messageIdClue(messageId: string, { recipients }: Bounce): BounceClue[] {
  const reportId = reportIdInMessageId(messageId);
  const day = parseUtcDay(reportId?.slice(0, 'YYYY-MM-DD'.length) ?? '');
  if (reportId === undefined || day === undefined) return [];
  const isOf = (delivery: NumberedDelivery): boolean => {
    const reading = readDestination(delivery.destination);
    if (reading.kind !== 'address' || reading.address.scheme !== 'mailto') return false;
    const { mailbox } = reading.address;
    const expected = reportMessageId(delivery, shortDigest(mailbox, MAILBOX_DIGEST_LENGTH));
    return expected === messageId && recipients.includes(mailbox.toLowerCase());
  };
  return [{ day, sought: { reportId }, isOf, isProof: false }];
}

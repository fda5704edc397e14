/**
 * Which delivery a bounce may be about, and how it is told that it is.
 *
 * The token of an envelope sender has nobody but who had that mail. A Message-ID is known to all who get the report, who can tell from it
 * those of the others, and a copy has the same; so a bounce that has it alone must name the mailbox as well, and proves less. Anybody can
 * write any number of Message-IDs, so a bounce has few clues, and each looks only at the deliveries that it seeks.
 *
 * Whoever had the mail may be a member behind the mailbox to which it went, of which a notice says nothing about that mailbox.
 */
import type { NumberedDelivery } from '#store/outbox/outbox-entries.ts';
import type { SoughtDeliveries } from '#store/outbox/read-outbox.ts';
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
  readonly isOf: (sought: SoughtDelivery) => boolean;
  /** Whether it comes from somebody who had the mail, and tells that the mailbox to which this went did not get it. */
  readonly isProof: (sought: SoughtDelivery) => boolean;
}

/** A delivery with what bounces have of its mail; without that where it is not a mail. */
export interface SoughtDelivery {
  readonly delivery: NumberedDelivery;
  readonly mail?: { readonly mailbox: string; readonly messageId: string };
}

/** A bounce is about one mail; some name others of ours before it. */
const MOST_MESSAGE_IDS = 4;

/** The surest first. `tokens` is undefined while nothing was ever named. */
export function cluesIn(bounce: Bounce, tokens: BounceTokens | undefined): BounceClue[] {
  return [
    ...bounce.tokens.flatMap((token) => tokenClue(token, bounce, tokens)),
    ...bounce.messageIds.slice(0, MOST_MESSAGE_IDS).flatMap((messageId) => messageIdClue(messageId, bounce)),
  ];
}

function tokenClue(token: string, bounce: Bounce, tokens: BounceTokens | undefined): BounceClue[] {
  const read = tokens?.read(token);
  if (!read) return [];
  const { day, number, isOf } = read;
  return [
    {
      day,
      sought: { number },
      isOf: ({ delivery }) => delivery.number === number && isOf(delivery),
      isProof: (sent) => bounce.recipients.length === 0 || namesMailbox(bounce, sent),
    },
  ];
}

function messageIdClue(messageId: string, bounce: Bounce): BounceClue[] {
  const reportId = reportIdInMessageId(messageId);
  const day = parseUtcDay(reportId?.slice(0, 'YYYY-MM-DD'.length) ?? '');
  if (reportId === undefined || day === undefined) return [];
  const isOf = (sent: SoughtDelivery): boolean => sent.mail?.messageId === messageId && namesMailbox(bounce, sent);
  return [{ day, sought: { reportId }, isOf, isProof: () => false }];
}

function namesMailbox({ recipients }: Bounce, { mail }: SoughtDelivery): boolean {
  return mail !== undefined && recipients.includes(mail.mailbox.toLowerCase());
}

export function soughtDelivery(delivery: NumberedDelivery): SoughtDelivery {
  const reading = readDestination(delivery.destination);
  if (reading.kind !== 'address' || reading.address.scheme !== 'mailto') return { delivery };
  const { mailbox } = reading.address;
  return {
    delivery,
    mail: { mailbox, messageId: reportMessageId(delivery, shortDigest(mailbox, MAILBOX_DIGEST_LENGTH)) },
  };
}

/** What clues seek, each once. */
export function soughtBy(clues: readonly BounceClue[]): SoughtDeliveries {
  const sought = clues.map((clue) => clue.sought);
  return {
    numbers: [...new Set(sought.flatMap((one) => ('number' in one ? [one.number] : [])))],
    reportIds: [...new Set(sought.flatMap((one) => ('reportId' in one ? [one.reportId] : [])))],
  };
}

/** Deliveries of a day, by what clues seek; what is compared with clues is worked out once for each. */
export class ComparedDeliveries {
  readonly #byNumber = new Map<number, SoughtDelivery>();
  readonly #byReportId = new Map<string, SoughtDelivery[]>();

  constructor(deliveries: readonly NumberedDelivery[]) {
    for (const delivery of deliveries) {
      if (this.#byNumber.has(delivery.number)) continue;
      const sought = soughtDelivery(delivery);
      this.#byNumber.set(delivery.number, sought);
      const ofReport = this.#byReportId.get(delivery.reportId);
      if (ofReport) ofReport.push(sought);
      else this.#byReportId.set(delivery.reportId, [sought]);
    }
  }

  /** The first that a clue is of. */
  find({ sought, isOf }: BounceClue): SoughtDelivery | undefined {
    if ('reportId' in sought) return this.#byReportId.get(sought.reportId)?.find(isOf);
    const numbered = this.#byNumber.get(sought.number);
    return numbered && isOf(numbered) ? numbered : undefined;
  }
}

/**
 * The port by which read gets the mails of a mailbox on a server, and has those marked that it is done with.
 *
 * Nothing rejects but what is a bug, and everything ends in bounded time, whatever the server does. Unless mails are marked, nothing changes on
 * the server, not even who has seen what. To mark a mail again does no harm.
 */
import type { UnreadableCode } from '#tlsrpt/inbound-report.ts';
import type { InboundSource } from './inbound-source.ts';

export interface InboundMailbox {
  /** As it is shown. */
  readonly name: string;
  /** False where marking mails does nothing. */
  readonly changesMails: boolean;
  /** May be asked for once. Ends with a failure where mails may be left. */
  mails(): AsyncIterable<MailboxMail | MailboxFailure>;
  /** As the operator wants mails marked, or moved, that were read; undefined when that is done. Also after `mails` has ended with a failure. */
  mark(mails: readonly MailboxMail[]): Promise<MailboxFailure | undefined>;
  close(): Promise<void>;
}

export interface MailboxMail extends InboundSource {
  readonly kind: 'mail';
  /** The server's number of it. */
  readonly uid: number;
  /** Where mails are marked as seen: whether this one is, by an earlier run or by somebody who has looked into the mailbox. */
  readonly isSeen: boolean;
}

export interface MailboxFailure {
  readonly kind: 'failed';
  /** Whether it may be gone when it is tried again. */
  readonly code: Extract<UnreadableCode, 'mailbox-refused' | 'mailbox-unavailable'>;
  /** A phrase. */
  readonly why: string;
}

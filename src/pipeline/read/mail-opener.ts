/**
 * The port by which read takes mails apart (RFC 5322, MIME).
 *
 * A mail is foreign: it may be made to take all time and memory, so whoever implements this bounds both. Mails that are forwarded in a mail
 * are mails of their own. Opening the same mail again gives the same.
 */
import type { UnreadableCode } from '#tlsrpt/inbound-report.ts';

export interface MailOpener {
  open(bytes: Uint8Array): Promise<OpenedMail>;
}

export type OpenedMail =
  /** The mail, and then those that are forwarded in it; not `isWhole` where there are more than are taken apart. */
  | { readonly kind: 'opened'; readonly mails: readonly MailContent[]; readonly isWhole: boolean }
  | {
      readonly kind: 'unreadable';
      readonly code: Extract<UnreadableCode, 'bad-mail' | 'takes-too-long' | 'too-complex'>;
    };

export interface MailContent {
  /** Decoded and in one line, by lower-case name; of those that there are several of, the first. */
  readonly headers: ReadonlyMap<string, string>;
  /** Of what its parts hold, what may be a report: bytes as they are after decoding. */
  readonly parts: readonly MailPart[];
}

export interface MailPart {
  /** Lower case, without parameters. */
  readonly mediaType: string;
  readonly fileName: string;
  readonly bytes: Uint8Array;
}

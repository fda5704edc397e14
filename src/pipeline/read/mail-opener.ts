/**
 * The port by which read takes mails apart (RFC 5322, MIME).
 *
 * A mail is foreign: it may be made to take all time and memory, so whoever implements this bounds both. Mails that are forwarded in a mail
 * are mails of their own. Opening the same mail again gives the same. What is given refers to the bytes of the mail.
 */
import type { DeliveryNotice } from '#tlsrpt/bounce.ts';
import type { UnreadableCode } from '#tlsrpt/inbound-report.ts';

export interface MailOpener {
  open(bytes: Uint8Array): Promise<OpenedMail>;
  /** Verifies one signature of one of the mails that `open` found in the same bytes. */
  checkSignature(bytes: Uint8Array, question: SignatureQuestion): Promise<SignatureCheck>;
}

export type OpenedMail =
  /** The mail, and then those that are forwarded in it; not `isWhole` where there are more than are taken apart. */
  | { readonly kind: 'opened'; readonly mails: readonly MailContent[]; readonly isWhole: boolean }
  | {
      readonly kind: 'unreadable';
      readonly code: Extract<UnreadableCode, 'bad-mail'>;
    };

export interface MailContent {
  /** Decoded and in one line, by lower-case name; of those that there are several of, the first. */
  readonly headers: ReadonlyMap<string, string>;
  /** Undefined where its header cannot be relied on. */
  readonly sender: SenderClaims | undefined;
  /** What it tells of what became of another mail; undefined for one that tells nothing of the kind. */
  readonly notice: DeliveryNotice | undefined;
  /** Of what its parts hold, what may be a report: bytes as they are after decoding. */
  readonly parts: readonly MailPart[];
}

export interface MailPart {
  /** Lower case, without parameters. */
  readonly mediaType: string;
  readonly fileName: string;
  /** Decoded each time it is asked for, and not kept. */
  readonly bytes: Uint8Array;
  /** Parts of one multipart/alternative say the same: it has a number in its mail. */
  readonly alternative?: number | undefined;
}

/** What the header says about who sent it, unfolded, from the top down, one character for each octet. Anybody can write it. */
export interface SenderClaims {
  /** Canonical; undefined unless there is one From with one mailbox. */
  readonly fromDomain: string | undefined;
  /** TLS-Report-Submitter, in its canonical form. */
  readonly submitters: readonly string[];
  /** The values of DKIM-Signature. */
  readonly signatures: readonly string[];
  /** `at` is the place among all fields of the header. */
  readonly authenticationResults: readonly { readonly at: number; readonly value: string }[];
}

export interface SignatureQuestion {
  /** The place of the mail among those that were found; 0 is the mail itself. */
  readonly mail: number;
  /** The place of the signature among those of the mail. */
  readonly signature: number;
  readonly domain: string;
  readonly selector: string;
  /** What DNS has of its key. */
  readonly keyRecord: string;
  readonly nowMs: number;
}

export type SignatureCheck =
  | { readonly kind: 'right' }
  /** It was right. */
  | { readonly kind: 'expired' }
  /** `why` is a phrase. */
  | { readonly kind: 'wrong'; readonly why: string };

/**
 * What can go wrong with an IMAP server, made of what imapflow throws.
 *
 * What may be gone at the next try is told from what somebody has to change. Servers say what they like, so their words are cut and cleaned.
 */
import type { MailboxFailure } from '#pipeline/read/inbound-mailbox.ts';
import { messageOf } from '#support/problem.ts';
import { cleanText } from '#tlsrpt/clean-text.ts';

export class ImapTrouble extends Error {
  readonly code: MailboxFailure['code'];

  constructor(code: MailboxFailure['code'], why: string) {
    super(why);
    this.name = 'ImapTrouble';
    this.code = code;
  }

  get failure(): MailboxFailure {
    return { kind: 'failed', code: this.code, why: this.message };
  }
}

/** The properties that imapflow, and OpenSSL, give their errors. */
interface ImapFlowError extends Error {
  readonly code?: string;
  readonly authenticationFailed?: boolean;
  readonly tlsFailed?: boolean;
  /** NO or BAD: the server refused the command, and the connection goes on. */
  readonly responseStatus?: string;
  readonly responseText?: string;
  readonly serverResponseCode?: string;
  /** Of the server, why it closed the connection; of OpenSSL, what went wrong. */
  readonly reason?: string;
  /** Of OpenSSL. */
  readonly library?: string;
}

const MAX_WORDS = 300;
/** RFC 5530 3: it may be otherwise in a moment. */
const PASSING = ['UNAVAILABLE', 'INUSE', 'LIMIT', 'SERVERBUG', 'EXPUNGEISSUED'];
/** The codes of Node.js and OpenSSL. */
const OF_CERTIFICATE = /CERT|ISSUER|SIGNATURE|SELF_SIGNED|CHAIN/;
/** Of imapflow, about a connection of which nothing else is known. */
const CLOSED = ['NoConnection', 'EConnectionClosed', 'StateLogout'];

/** `refused` says what a refusal means; `lost` is what the connection died of, where that is known: commands only say that it is closed. */
export function imapTroubleOf(error: unknown, refused: string, lost?: Error): ImapTrouble {
  const said = propertiesOf(error);
  if (said.authenticationFailed === true) return refusal(error, 'the login is refused');
  if (said.responseStatus !== undefined || said.code === 'NotFound') return refusal(error, refused);
  const cause = lost ?? error;
  const ofTls = whyNoTls(cause);
  if (ofTls !== undefined) return new ImapTrouble('mailbox-refused', ofTls);
  const { code = '', reason = '' } = propertiesOf(cause);
  if (!CLOSED.includes(code)) return new ImapTrouble('mailbox-unavailable', wordsOf(cause));
  const why = reason === '' ? 'the connection was lost' : `the server ended it: ${clean(reason)}`;
  return new ImapTrouble('mailbox-unavailable', why);
}

/** Undefined where TLS is not what went wrong. */
function whyNoTls(cause: unknown): string | undefined {
  const { code = '', reason = '', library, tlsFailed } = propertiesOf(cause);
  if (OF_CERTIFICATE.test(code)) return `the certificate of the server is not accepted: ${wordsOf(cause)}`;
  if (tlsFailed === true && code === '') return wordsOf(cause);
  return library === undefined ? undefined : `TLS failed: ${clean(reason)}`;
}

function refusal(error: unknown, refused: string): ImapTrouble {
  const { serverResponseCode = '', responseText } = propertiesOf(error);
  const code = PASSING.includes(serverResponseCode) ? 'mailbox-unavailable' : 'mailbox-refused';
  return new ImapTrouble(code, `${refused}: ${responseText === undefined ? wordsOf(error) : clean(responseText)}`);
}

function propertiesOf(error: unknown): Partial<ImapFlowError> {
  return error instanceof Error ? error : {};
}

function wordsOf(error: unknown): string {
  return clean(messageOf(error));
}

function clean(text: string): string {
  return cleanText(text, MAX_WORDS).replace(/\.$/, '');
}

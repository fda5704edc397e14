/**
 * Reads nodemailer's errors: what the server said, to which command, and whether it is final.
 *
 * Final is what the server says about the recipient or the message. What it says before it has heard of a recipient, to MAIL FROM at the latest,
 * is trouble between us and our own mail server, which the operator can end, so the report waits (RFC 5321 4.2.1, 4.2.4); the size of the mails
 * that it takes is (RFC 1870 6.1). So is what it says about the session or our permission to send, which many servers put off until RCPT TO.
 */
import type { NodemailerError } from 'nodemailer';
import type { DeliveryOutcome } from '#pipeline/send/report-transport.ts';
import { cleanText } from '#tlsrpt/clean-text.ts';

export const MAX_REPLY_LENGTH = 300;

/** The session ends, or needs authentication or encryption (RFC 5321 3.8, RFC 4954 6, RFC 3207 4), whatever command it answers. */
const ABOUT_THE_SESSION = [421, 530, 534, 535, 538];
const MESSAGE_TOO_BIG = 552; // RFC 1870 6.3

/** RFC 3463 3.8, about permission, and of 3.2 what is about the sender. */
const ABOUT_US = /^5\.(7\.\d+|1\.[78])$/;
/** RFC 3463 3.2, 3.3, 3.4, 3.7: about the recipient, its mailbox, the size, the content. */
const ABOUT_THE_MAIL = /^5\.([126]\.[1-9]\d*|3\.4)$/;

/** There was no session, so no mail would have been taken, whomever it was for. */
export function sessionFailure(error: NodemailerError): DeliveryOutcome {
  return { kind: 'deferred', reply: replyOf(error), isOurs: true };
}

/** Of one mail, within a session. */
export function mailFailure(error: NodemailerError): DeliveryOutcome {
  const reply = replyOf(error);
  if (isAboutUs(error)) return { kind: 'refused', reply, whose: 'ours' };
  if (!isFinal(error)) return { kind: 'deferred', reply };
  const isAboutTheMail = error.responseCode === MESSAGE_TOO_BIG || ABOUT_THE_MAIL.test(enhancedCodeOf(error));
  return isAboutTheMail ? { kind: 'refused', reply } : { kind: 'refused', reply, whose: 'unclear' };
}

/** True when TLS could not be set up, so that nothing of the mail was sent. */
export function isTlsFailure({ code, originalCode, timeoutType, message }: NodemailerError): boolean {
  return (
    code === 'ETLS' ||
    timeoutType === 'UPGRADE_TIMEOUT' ||
    /^(ERR_SSL_|ERR_TLS_|EPROTO$)/.test(originalCode ?? '') ||
    message.includes('before secure TLS connection was established')
  );
}

function isAboutUs(error: NodemailerError): boolean {
  const { command, code, response, responseCode = 0, permanent } = error;
  if (permanent === true && ABOUT_US.test(enhancedCodeOf(error))) return true;
  // Without a reply nodemailer knew from the SIZE in EHLO's that the mail is too big.
  const isAnswered = response !== undefined || code === 'EMESSAGE';
  return (command === 'MAIL FROM' && isAnswered) || ABOUT_THE_SESSION.includes(responseCode);
}

function isFinal({ command, permanent }: NodemailerError): boolean {
  return permanent === true && (command === 'RCPT TO' || command === 'DATA');
}

/** RFC 2034 4: behind the code of the reply; empty where there is none. */
function enhancedCodeOf({ response = '' }: NodemailerError): string {
  return /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1] ?? '';
}

function replyOf(error: NodemailerError): string {
  return cleanText(describe(error), MAX_REPLY_LENGTH);
}

function describe({ code, command, response, message }: NodemailerError): string {
  if (code === 'ETIMEDOUT') return 'the server did not answer in time';
  if (response === undefined || response === '') return message;
  // In reply to AUTH a server may repeat what it got, so only its code is kept.
  const words = code === 'EAUTH' ? (/^\d{3}( \d\.\d{1,3}\.\d{1,3})?/.exec(response)?.[0] ?? 'no code') : response;
  return `${words.slice(0, MAX_REPLY_LENGTH - 40)} (in reply to ${command === 'CONN' ? 'the connection' : String(command)})`;
}

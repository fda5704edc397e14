/**
 * Reads nodemailer's errors: what the server said, to which command, and whether it is final.
 *
 * Final is what the server says about the recipient or the message. A 5xx to the greeting, to AUTH or about the sender is trouble
 * between us and our own mail server, which the operator can end, so the report waits (RFC 5321 4.2.1, 4.2.4). So is what it says about
 * our permission to send, which many servers put off until RCPT TO.
 */
import type { NodemailerError } from 'nodemailer';
import type { DeliveryOutcome } from '#pipeline/send/report-transport.ts';
import { cleanText } from '#tlsrpt/clean-text.ts';
import { RelayUnreachable } from './connect-to-relay.ts';

export const MAX_REPLY_LENGTH = 300;

/** Authentication or encryption wanted (RFC 4954 6, RFC 3207 4): about the session, whatever command it answers. */
const ABOUT_THE_SESSION = [530, 534, 535, 538];
const MESSAGE_TOO_BIG = 552; // RFC 1870 6.1, already in reply to MAIL FROM

/** RFC 3463 3.8, about permission, and of 3.2 what is about the sender. */
const ABOUT_US = /^5\.(7\.\d+|1\.[78])$/;
/** RFC 3463 3.2, 3.3, 3.4, 3.7: about the recipient, its mailbox, the size, the content. */
const ABOUT_THE_MAIL = /^5\.([126]\.[1-9]\d*|3\.4)$/;

/** What nodemailer says when connections that had been used before ended, in silence too, before it sent any of the mail. */
const GIVEN_UP = 'Reached maximum number of retries';

export function smtpFailure(error: NodemailerError): DeliveryOutcome {
  const reply = cleanText(describe(error), MAX_REPLY_LENGTH);
  if (!isRefusal(error)) return { kind: 'deferred', reply, ...(isOurs(error) ? { isOurs: true } : {}) };
  const enhancedCode = enhancedCodeOf(error);
  if (ABOUT_US.test(enhancedCode)) return { kind: 'refused', reply, whose: 'ours' };
  return ABOUT_THE_MAIL.test(enhancedCode) || isTooBig(error)
    ? { kind: 'refused', reply }
    : { kind: 'refused', reply, whose: 'unclear' };
}

/** No connection, no greeting, no service, no login: no mail would have been taken, whomever it was for. */
function isOurs(error: NodemailerError): boolean {
  const { code, command, response, timeoutType } = error;
  if (error instanceof RelayUnreachable || code === 'EAUTH' || timeoutType === 'GREETING_TIMEOUT') return true;
  return command === 'CONN' && response !== undefined;
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

function isRefusal(error: NodemailerError): boolean {
  const { command, responseCode, permanent } = error;
  if (ABOUT_THE_SESSION.includes(responseCode ?? 0)) return false;
  if (command === 'RCPT TO' || command === 'DATA') return permanent === true;
  return command === 'MAIL FROM' && isTooBig(error);
}

function isTooBig({ code, responseCode }: NodemailerError): boolean {
  // EMESSAGE: nodemailer knew from the SIZE in EHLO's reply.
  return responseCode === MESSAGE_TOO_BIG || code === 'EMESSAGE';
}

/** RFC 2034 4: behind the code of the reply; empty where there is none. */
function enhancedCodeOf({ response = '' }: NodemailerError): string {
  return /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1] ?? '';
}

function describe({ code, command, response, message }: NodemailerError): string {
  if (code === 'ETIMEDOUT') return 'the server did not answer in time';
  if (message.startsWith(GIVEN_UP)) return 'the server did not answer in time, or ended each connection';
  if (response === undefined || response === '') return message;
  // In reply to AUTH a server may repeat what it got, so only its code is kept.
  const words = code === 'EAUTH' ? (/^\d{3}( \d\.\d{1,3}\.\d{1,3})?/.exec(response)?.[0] ?? 'no code') : response;
  return `${words.slice(0, MAX_REPLY_LENGTH - 40)} (in reply to ${command === 'CONN' ? 'the connection' : String(command)})`;
}

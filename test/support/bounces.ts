/**
 * Bounces: those that a real Postfix wrote (test/fixtures/bounces), and ones as Exchange, Google, qmail and Exim write them, made of what comes back.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface ReturnedMail {
  /** Envelope sender, to which the bounce goes. */
  readonly from: string;
  readonly to: string;
  /** The mail as it was sent. */
  readonly raw: string;
}

export const RECORDED_FAILURE = recordedBounce('postfix-3.7.11-failed.eml');
export const RECORDED_DELAY = recordedBounce('postfix-3.7.11-delayed.eml');

function recordedBounce(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../fixtures/bounces/${name}`, import.meta.url)), 'latin1');
}

const DATE = 'Fri, 20 Nov 2026 06:12:00 +0000';

/** RFC 3464, with an HTML part alone for people, the whole mail given back, and a code that names its own routing. */
export function exchangeBounce({ from, to, raw }: ReturnedMail, code = '5.1.10'): string {
  return mailOf([
    `From: <postmaster@receiver.example>`,
    `To: <${from}>`,
    `Date: ${DATE}`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status;',
    '\tboundary="_000_ndr_"',
    'X-MS-Exchange-Message-Is-Ndr:',
    'Content-Language: en-GB',
    'Message-ID: <ndr-1@AM0PR01MB0001.eurprd01.prod.exchangelabs.com>',
    `In-Reply-To: ${messageIdOf(raw)}`,
    'Subject: Undeliverable: Report Domain',
    'Auto-Submitted: auto-replied',
    '',
    '--_000_ndr_',
    'Content-Type: multipart/alternative; differences=Content-Type; boundary="_001_ndr_"',
    '',
    '--_001_ndr_',
    'Content-Type: text/plain; charset="us-ascii"',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    `Your message to ${to.replace('@', '=40')} couldn't be delivered.`,
    '',
    '--_001_ndr_--',
    '',
    '--_000_ndr_',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns;AM0PR01MB0001.eurprd01.prod.outlook.com',
    'Received-From-MTA: dns;mx1.sender.example',
    `Arrival-Date: ${DATE}`,
    '',
    `Final-Recipient: rfc822;${to.toUpperCase()}`,
    'Action: failed',
    `Status: ${code}`,
    `Diagnostic-Code: smtp;550 ${code} RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup`,
    '',
    '',
    '--_000_ndr_',
    'Content-Type: message/rfc822',
    '',
    `Received: from mx1.sender.example (192.0.2.1) by AM0PR01.mail.protection.outlook.com; ${DATE}`,
    raw,
    '--_000_ndr_--',
    '',
  ]);
}

/** RFC 3464, with a header alone given back, and its Message-ID in a field of Google's own. */
export function googleBounce({ from, to, raw }: ReturnedMail): string {
  return mailOf([
    `Delivered-To: ${from}`,
    'Return-Path: <>',
    'From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>',
    `To: ${from}`,
    'Auto-Submitted: auto-replied',
    'Subject: Delivery Status Notification (Failure)',
    `References: ${messageIdOf(raw)}`,
    `In-Reply-To: ${messageIdOf(raw)}`,
    `X-Failed-Recipients: ${to}`,
    'Message-ID: <6380a1b2.050a0220.1@mx.google.com>',
    `Date: ${DATE}`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; boundary="0000000000005a"; report-type=delivery-status',
    '',
    '--0000000000005a',
    'Content-Type: multipart/related; boundary="0000000000005b"',
    '',
    '--0000000000005b',
    'Content-Type: text/html; charset="UTF-8"',
    '',
    '<html><b>Address not found</b></html>',
    '--0000000000005b--',
    '--0000000000005a',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; googlemail.com',
    `Arrival-Date: ${DATE}`,
    `X-Original-Message-ID: ${messageIdOf(raw)}`,
    '',
    `Final-Recipient: rfc822; ${to}`,
    'Action: failed',
    'Status: 5.1.1',
    'Remote-MTA: dns; receiver.example. (192.0.2.25, the server for the domain receiver.example.)',
    'Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please try',
    " 550-5.1.1 double-checking the recipient's email address for typos or",
    ' 550 5.1.1 unnecessary spaces. - gsmtp',
    `Last-Attempt-Date: ${DATE}`,
    '',
    '--0000000000005a',
    'Content-Type: message/rfc822',
    '',
    headerOf(raw),
    '',
    '----- Message truncated -----',
    '',
    '--0000000000005a--',
    '',
  ]);
}

/** QSBMF: text for people with a fixed beginning, and the mail behind a line. */
export function qmailBounce(
  { from, to, raw }: ReturnedMail,
  words = 'Sorry, no mailbox here by that name. (#5.1.1)',
): string {
  return mailOf([
    'Return-Path: <>',
    `Delivered-To: ${from}`,
    'Received: (qmail 4711 invoked for bounce); 20 Nov 2026 06:12:00 -0000',
    `Date: ${DATE}`,
    'From: MAILER-DAEMON@mx1.sender.example',
    `To: ${from}`,
    'Subject: failure notice',
    '',
    'Hi. This is the qmail-send program at mx1.sender.example.',
    "I'm afraid I wasn't able to deliver your message to the following addresses.",
    "This is a permanent error; I've given up. Sorry it didn't work out.",
    '',
    `<${to}>:`,
    words,
    '',
    '--- Below this line is a copy of the message.',
    '',
    `Return-Path: <${from}>`,
    raw,
  ]);
}

/** Text for people, and a field that names who did not get the mail. */
export function eximBounce({ from, to, raw }: ReturnedMail): string {
  return mailOf([
    `X-Failed-Recipients: ${to}`,
    'Auto-Submitted: auto-replied',
    'From: Mail Delivery System <Mailer-Daemon@mx1.sender.example>',
    `To: ${from}`,
    'Subject: Mail delivery failed: returning message to sender',
    'Message-Id: <E1abc-0001@mx1.sender.example>',
    `Date: ${DATE}`,
    '',
    'This message was created automatically by mail delivery software.',
    '',
    'A message that you sent could not be delivered to one or more of its',
    'recipients. This is a permanent error. The following address(es) failed:',
    '',
    `  ${to}`,
    '    host mx.receiver.example [192.0.2.25]',
    `    SMTP error from remote mail server after RCPT TO:<${to}>:`,
    '    550 5.1.1 Unknown user',
    '',
    '------ This is a copy of the message, including all the headers. ------',
    '',
    raw,
  ]);
}

/** Of somebody on holiday: it goes to the envelope sender (RFC 3834 4), and names the mail that it answers. */
export function autoReply({ from, to, raw }: ReturnedMail): string {
  return mailOf([
    `From: <${to}>`,
    `To: <${from}>`,
    `In-Reply-To: ${messageIdOf(raw)}`,
    'Subject: Out of office',
    'Auto-Submitted: auto-replied',
    `Date: ${DATE}`,
    '',
    'I am away. Action: failed. 550 5.1.1',
  ]);
}

export function messageIdOf(raw: string): string {
  return /^Message-ID: (\S+)/im.exec(raw)?.[1] ?? '';
}

function headerOf(raw: string): string {
  return raw.split(/\r?\n\r?\n/, 1)[0] ?? '';
}

function mailOf(lines: readonly string[]): string {
  return lines.join('\n').replace(/\r?\n/g, '\r\n');
}

import { describe, expect, it } from 'vitest';
import { isTlsFailure, mailFailure, sessionFailure } from '#adapters/mail/smtp-outcome.ts';

interface Facts {
  code?: string;
  command?: string;
  response?: string;
  timeoutType?: 'UPGRADE_TIMEOUT' | 'SOCKET_TIMEOUT';
  originalCode?: string;
}

/** As nodemailer makes them. */
function failure(message: string, { response, ...facts }: Facts): Error {
  const responseCode = Number.parseInt(response ?? '', 10);
  const reply = Number.isNaN(responseCode)
    ? {}
    : { response, responseCode, permanent: responseCode >= 500 && responseCode !== 503 };
  return Object.assign(new Error(message), facts, reply);
}

describe('what the server says', () => {
  const replies: readonly [command: string, response: string, kind: 'deferred' | 'refused'][] = [
    ['RCPT TO', '550 5.1.1 no such user', 'refused'],
    ['RCPT TO', '450 4.2.1 greylisted', 'deferred'],
    ['RCPT TO', '503 5.5.1 not now', 'deferred'],
    ['DATA', '554 5.6.1 no', 'refused'],
    ['DATA', '451 4.3.0 later', 'deferred'],
    ['DATA', '552 5.3.4 too big', 'refused'],
  ];

  it.each(replies)('to %s, %s, makes a report %s', (command, response, kind) => {
    expect(mailFailure(failure('Failed', { code: 'EENVELOPE', command, response }))).toEqual({
      kind,
      reply: `${response} (in reply to ${command})`,
    });
  });

  it('is kept on one line, bounded, and with the command at its end', () => {
    const response = `550-${'x'.repeat(5_000)}\n550 \u001b[31mno`;
    const { reply } = mailFailure(failure('Failed', { command: 'RCPT TO', response }));
    expect(reply.length).toBeLessThanOrEqual(300);
    expect(reply).toMatch(/^550-x+ \(in reply to RCPT TO\)$/);
  });

  it('is replaced by our own words where it says nothing', () => {
    expect(mailFailure(failure('read ECONNRESET', { code: 'ESOCKET', command: 'CONN' }))).toEqual({
      kind: 'deferred',
      reply: 'read ECONNRESET',
    });
  });

  it('about the size in EHLO says how much our mail server takes, and nothing about the receiver', () => {
    const error = failure('Message size larger than allowed 10', { code: 'EMESSAGE', command: 'MAIL FROM' });
    expect(mailFailure(error)).toMatchObject({ kind: 'refused', whose: 'ours' });
  });
});

describe('a session that there is not', () => {
  it.each(['554 no', '421 4.7.0 too many connections'])('says nothing about a mail: %s', (response) => {
    expect(sessionFailure(failure('Bad', { code: 'EPROTOCOL', command: 'CONN', response }))).toEqual({
      kind: 'deferred',
      isOurs: true,
      reply: `${response} (in reply to the connection)`,
    });
  });

  it('for want of an answer is our own trouble', () => {
    expect(sessionFailure(failure('Timeout', { code: 'ETIMEDOUT', timeoutType: 'SOCKET_TIMEOUT' }))).toEqual({
      kind: 'deferred',
      isOurs: true,
      reply: 'the server did not answer in time',
    });
  });

  it('for want of a login keeps the code of the reply alone, since that may repeat the password', () => {
    const error = failure('Invalid login', {
      code: 'EAUTH',
      command: 'AUTH PLAIN',
      response: '535 5.7.8 bad AUTH PLAIN aHVudGVyMg==',
    });
    expect(sessionFailure(error)).toEqual({
      kind: 'deferred',
      isOurs: true,
      reply: '535 5.7.8 (in reply to AUTH PLAIN)',
    });
  });
});

describe('a refusal', () => {
  const replies: readonly [command: string, response: string, whose: 'ours' | 'unclear' | undefined][] = [
    ['RCPT TO', '550 5.1.1 no such user', undefined],
    ['RCPT TO', '552 5.2.2 mailbox full', undefined],
    ['MAIL FROM', '530 5.7.0 authentication required', 'ours'],
    ['RCPT TO', '530 5.7.0 authentication required', 'ours'],
    ['MAIL FROM', '550 5.7.1 relaying denied', 'ours'],
    ['MAIL FROM', '553 5.7.1 sender address rejected', 'ours'],
    ['MAIL FROM', '550 not you', 'ours'],
    ['MAIL FROM', '451 4.7.1 too many mails', 'ours'],
    ['RCPT TO', '421 4.3.2 shutting down', 'ours'],
    ['RCPT TO', '550 5.7.1 relaying denied', 'ours'],
    ['RCPT TO', '554 5.7.1 <tls@good.example>: Relay access denied', 'ours'],
    ['RCPT TO', '553 5.1.8 <tlsrpt@sender.example>: Sender address rejected', 'ours'],
    ['RCPT TO', '550 5.1.0 <tlsrpt@sender.example>: Sender address rejected', 'unclear'],
    ['RCPT TO', '550 relay not permitted', 'unclear'],
    ['DATA', '550-5.7.26 not authenticated', 'ours'],
    ['DATA', '554 5.6.0 no', 'unclear'],
    ['DATA', '554 5.6.1 media not supported', undefined],
    ['DATA', '554 no', 'unclear'],
    ['MAIL FROM', '552 5.3.4 too big', 'ours'],
    ['DATA', '552 too big', undefined],
  ];

  it.each(replies)('to %s, %s, is %s', (command, response, whose) => {
    const outcome = mailFailure(failure('Failed', { code: 'EENVELOPE', command, response }));
    expect(outcome).toEqual({
      kind: 'refused',
      reply: `${response} (in reply to ${command})`,
      ...(whose && { whose }),
    });
  });
});

describe('a refusal of a whole mail', () => {
  it('is not taken for one of its size', () => {
    const error = failure('Message failed', { code: 'EMESSAGE', command: 'DATA', response: '554 spam' });
    expect(mailFailure(error)).toMatchObject({ kind: 'refused', whose: 'unclear' });
  });
});

describe('a failure of TLS', () => {
  it.each([
    ['a handshake that the server ended', failure('closed', { code: 'ETLS' })],
    ['a handshake that took too long', failure('timed out', { code: 'ETIMEDOUT', timeoutType: 'UPGRADE_TIMEOUT' })],
    ['an alert', failure('alert', { code: 'ESOCKET', originalCode: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' })],
    [
      'a reset during the handshake',
      failure('Client network socket disconnected before secure TLS connection was established', { code: 'ESOCKET' }),
    ],
  ])('is %s', (_what, error) => {
    expect(isTlsFailure(error)).toBe(true);
  });

  it.each([
    ['a server that went silent later', failure('Timeout', { code: 'ETIMEDOUT', timeoutType: 'SOCKET_TIMEOUT' })],
    ['a connection that was reset later', failure('read', { code: 'ESOCKET', originalCode: 'ECONNRESET' })],
  ])('is not %s', (_what, error) => {
    expect(isTlsFailure(error)).toBe(false);
  });
});

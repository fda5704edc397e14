import { describe, expect, it } from 'vitest';
import { isTlsFailure, smtpFailure } from '#adapters/mail/smtp-outcome.ts';

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
    ['RCPT TO', '421 4.3.2 shutting down', 'deferred'],
    ['RCPT TO', '503 5.5.1 not now', 'deferred'],
    ['RCPT TO', '530 5.7.0 authentication required', 'deferred'],
    ['DATA', '554 5.6.1 no', 'refused'],
    ['DATA', '451 4.3.0 later', 'deferred'],
    ['MAIL FROM', '550 5.7.1 not your address', 'deferred'],
    ['MAIL FROM', '552 5.3.4 too big', 'refused'],
  ];

  it.each(replies)('to %s, %s, makes a report %s', (command, response, kind) => {
    expect(smtpFailure(failure('Failed', { code: 'EENVELOPE', command, response }))).toEqual({
      kind,
      reply: `${response} (in reply to ${command})`,
    });
  });

  it('is nothing, time and again, and that is told', () => {
    const error = failure('Reached maximum number of retries after connection was closed', { code: 'ECONNECTION' });
    expect(smtpFailure(error)).toEqual({
      kind: 'deferred',
      reply: 'the server did not answer in time, or ended each connection',
    });
  });

  it('as a greeting never makes a report refused', () => {
    expect(smtpFailure(failure('Bad', { code: 'EPROTOCOL', command: 'CONN', response: '554 no' }))).toEqual({
      kind: 'deferred',
      isOurs: true,
      reply: '554 no (in reply to the connection)',
    });
  });

  it('to AUTH is kept as its code alone, since it may repeat the password', () => {
    const error = failure('Invalid login', {
      code: 'EAUTH',
      command: 'AUTH PLAIN',
      response: '535 5.7.8 bad AUTH PLAIN aHVudGVyMg==',
    });
    expect(smtpFailure(error)).toEqual({
      kind: 'deferred',
      isOurs: true,
      reply: '535 5.7.8 (in reply to AUTH PLAIN)',
    });
  });

  it('is kept on one line, bounded, and with the command at its end', () => {
    const response = `550-${'x'.repeat(5_000)}\n550 \u001b[31mno`;
    const { reply } = smtpFailure(failure('Failed', { command: 'RCPT TO', response }));
    expect(reply.length).toBeLessThanOrEqual(300);
    expect(reply).toMatch(/^550-x+ \(in reply to RCPT TO\)$/);
  });

  it('is replaced by our own words where it says nothing', () => {
    expect(smtpFailure(failure('connect ECONNREFUSED', { code: 'ESOCKET', command: 'CONN' }))).toEqual({
      kind: 'deferred',
      reply: 'connect ECONNREFUSED',
    });
  });

  it('about the size in EHLO is final too', () => {
    const error = failure('Message size larger than allowed 10', { code: 'EMESSAGE', command: 'MAIL FROM' });
    expect(smtpFailure(error).kind).toBe('refused');
  });
});

describe('a refusal', () => {
  const replies: readonly [command: string, response: string, whose: 'ours' | 'unclear' | undefined][] = [
    ['RCPT TO', '550 5.1.1 no such user', undefined],
    ['RCPT TO', '552 5.2.2 mailbox full', undefined],
    ['RCPT TO', '550 5.7.1 relaying denied', 'ours'],
    ['RCPT TO', '554 5.7.1 <tls@good.example>: Relay access denied', 'ours'],
    ['RCPT TO', '553 5.1.8 <tlsrpt@sender.example>: Sender address rejected', 'ours'],
    ['RCPT TO', '550 5.1.0 <tlsrpt@sender.example>: Sender address rejected', 'unclear'],
    ['RCPT TO', '550 relay not permitted', 'unclear'],
    ['DATA', '550-5.7.26 not authenticated', 'ours'],
    ['DATA', '554 5.6.0 no', 'unclear'],
    ['DATA', '554 5.6.1 media not supported', undefined],
    ['DATA', '554 no', 'unclear'],
    ['MAIL FROM', '552 too big', undefined],
  ];

  it.each(replies)('to %s, %s, is %s', (command, response, whose) => {
    const outcome = smtpFailure(failure('Failed', { code: 'EENVELOPE', command, response }));
    expect(outcome).toEqual({ kind: 'refused', reply: expect.stringMatching(/^5/) as string, ...(whose && { whose }) });
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

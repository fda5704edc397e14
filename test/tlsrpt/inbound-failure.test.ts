import { describe, expect, it } from 'vitest';
import { documentWith, only, policyIn, remarksIn } from '#test/support/inbound-documents.ts';

const failure = (members: Record<string, unknown>): Record<string, unknown> =>
  documentWith({
    summary: { 'total-successful-session-count': 0, 'total-failure-session-count': 1 },
    'failure-details': [{ 'result-type': 'certificate-expired', 'failed-session-count': 1, ...members }],
  });

describe('a failure in a report of others', () => {
  it.each<[string, unknown, Record<string, unknown>, string]>([
    [
      'a result type of tomorrow',
      failure({ 'result-type': 'quantum-failure' }),
      { resultType: 'quantum-failure' },
      'unknown-result-type policies[0].failure-details[0].result-type',
    ],
    [
      'a result type that every object of JavaScript has',
      failure({ 'result-type': 'constructor' }),
      { resultType: 'constructor' },
      'unknown-result-type policies[0].failure-details[0].result-type',
    ],
    [
      'a result type of a draft',
      failure({ 'result-type': 'webpki-invalid' }),
      { resultType: 'sts-webpki-invalid' },
      'draft-result-type policies[0].failure-details[0].result-type',
    ],
    [
      'the whole reply to EHLO',
      failure({ 'receiving-mx-helo': '250-mx.a.example\r\n250-STARTTLS\r\n250 8BITMIME' }),
      { receivingMxHelo: 'mx.a.example' },
      'helo-whole-reply policies[0].failure-details[0].receiving-mx-helo',
    ],
    [
      'a greeting with controls',
      failure({ 'receiving-mx-helo': '250 mx\u001b[31m.a.example\r\n250 8BITMIME' }),
      { receivingMxHelo: 'mx [31m.a.example' },
      'helo-whole-reply policies[0].failure-details[0].receiving-mx-helo',
    ],
    [
      'an address that is not canonical',
      failure({ 'sending-mta-ip': '2001:DB8:abcd:0012::1' }),
      { sendingMtaIp: '2001:db8:abcd:12::1' },
      'address-form policies[0].failure-details[0].sending-mta-ip',
    ],
    [
      'an address that is none',
      failure({ 'receiving-ip': 'unknown' }),
      { receivingIp: 'unknown' },
      'address-unusable policies[0].failure-details[0].receiving-ip',
    ],
    [
      'empty texts and null',
      failure({ 'receiving-ip': '', 'failure-reason-code': null }),
      { receivingIp: undefined, reasonCode: undefined },
      'member-empty policies[0].failure-details[0].failure-reason-code,member-empty policies[0].failure-details[0].receiving-ip',
    ],
    [
      'an object as additional information',
      failure({ 'additional-information': { a: 1 } }),
      { additionalInformation: undefined },
      'member-type policies[0].failure-details[0].additional-information',
    ],
    [
      'the reason of a program that has other names',
      failure({ 'failure-error-code': 'x' }),
      { reasonCode: 'x' },
      'draft-form policies[0].failure-details[0].failure-error-code',
    ],
    [
      'a failure without the reason it needs',
      failure({ 'result-type': 'validation-failure' }),
      { reasonCode: undefined },
      'reason-missing policies[0].failure-details[0]',
    ],
    [
      'a member that nobody knows',
      failure({ 'x-weather': 'fine' }),
      { sessions: 1 },
      'member-unknown policies[0].failure-details[0]',
    ],
  ])('is read with %s', (_what, document, expected, remarks) => {
    expect(only(policyIn(document).failures)).toMatchObject(expected);
    expect(remarksIn(document).join(',')).toBe(remarks);
  });
});

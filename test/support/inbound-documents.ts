/**
 * Documents as other reporters write them, each with the shape of one that is met, and what they must be read as.
 */

import type { InboundPolicy, InboundReport } from '#tlsrpt/inbound-report.ts';
import { readInboundReports } from '#tlsrpt/read-inbound-report.ts';

/** What a document says when everything is as it should be. */
export function soundDocument(): Record<string, unknown> {
  return {
    'organization-name': 'Reporter Inc.',
    'date-range': { 'start-datetime': '2026-01-31T00:00:00Z', 'end-datetime': '2026-01-31T23:59:59Z' },
    'contact-info': 'tls@reporter.example',
    'report-id': '2026-01-31T00:00:00Z_a.example',
    policies: [soundEntry()],
  };
}

export function soundEntry(): Record<string, unknown> {
  return {
    policy: {
      'policy-type': 'sts',
      'policy-string': ['version: STSv1', 'mode: testing', 'mx: *.a.example', 'max_age: 86400'],
      'policy-domain': 'a.example',
      'mx-host': ['*.a.example'],
    },
    summary: { 'total-successful-session-count': 5_326, 'total-failure-session-count': 303 },
    'failure-details': [
      {
        'result-type': 'certificate-expired',
        'sending-mta-ip': '2001:db8:abcd:12::1',
        'receiving-mx-hostname': 'mx1.a.example',
        'failed-session-count': 103,
      },
      {
        'result-type': 'validation-failure',
        'sending-mta-ip': '198.51.100.62',
        'receiving-mx-hostname': 'mx2.a.example',
        'receiving-mx-helo': 'mail.a.example',
        'receiving-ip': '203.0.113.58',
        'failed-session-count': 200,
        'failure-reason-code': 'X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED',
        'additional-information': 'https://reporter.example/why',
      },
    ],
  };
}

/** The same document with another entry in the place of the one it has. */
export function documentWith(
  entry: Record<string, unknown>,
  members: Record<string, unknown> = {},
): Record<string, unknown> {
  return { ...soundDocument(), policies: [{ ...soundEntry(), ...entry }], ...members };
}

/** Microsoft writes the records of a TLSA policy as JSON in a text. */
export const microsoftTlsa = {
  policy: {
    'policy-type': 'tlsa',
    'policy-string': ['["3 1 1 60AB","3 1 1 83CD"]'],
    'policy-domain': 'a.example',
  },
  summary: { 'total-successful-session-count': 2, 'total-failure-session-count': 0 },
};

/** As they were before RFC 8460. */
export const draftDocument = {
  'organization-name': 'Reporter Inc.',
  'date-range': { 'start-datetime': '2016-04-01T00:00:00Z', 'end-datetime': '2016-04-01T23:59:59Z' },
  'contact-info': 'tls@reporter.example',
  'report-id': '5065427c',
  policy: {
    'policy-type': 'sts',
    'policy-string': '{ "version": "STSv1" }',
    'policy-domain': 'a.example',
    'mx-host': '*.a.example',
  },
  summary: { 'success-aggregate': 5_326, 'failure-aggregate': 303 },
  'failure-details': [
    { 'result-type': 'ExpiredCertificate', 'session-count': '100', 'failure-error-code': 'expired' },
    { 'result-type': 'StarttlsNotSupported', 'message-count': 203 },
  ],
};

export function bytesOf(document: unknown): Buffer {
  return Buffer.from(typeof document === 'string' ? document : JSON.stringify(document));
}

export function reportsIn(document: unknown, policyDomain?: string): readonly InboundReport[] {
  const reading = readInboundReports(Buffer.isBuffer(document) ? document : bytesOf(document), { policyDomain });
  if (reading.kind !== 'reports') throw new Error(reading.code);
  return reading.reports;
}

export function only<T>([element, ...others]: readonly T[]): T {
  if (element === undefined || others.length > 0) throw new Error('not exactly one');
  return element;
}

export function policyIn(document: unknown, policyDomain?: string): InboundPolicy {
  return only(only(reportsIn(document, policyDomain)).policies);
}

/** `code where`, with the count where it is not 1. */
export function remarksIn(document: unknown): string[] {
  return only(reportsIn(document)).remarks.map(
    ({ code, where, count }) => `${code} ${where}${count > 1 ? ` x${String(count)}` : ''}`,
  );
}

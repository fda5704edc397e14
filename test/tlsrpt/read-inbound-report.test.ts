import { describe, expect, it } from 'vitest';
import { inboundLimits } from '#tlsrpt/inbound-budget.ts';
import type { InboundPolicy, InboundReport } from '#tlsrpt/inbound-report.ts';
import { unreadableMeanings } from '#tlsrpt/inbound-report.ts';
import { readInboundReports } from '#tlsrpt/read-inbound-report.ts';
import {
  bytesOf,
  documentWith,
  draftDocument,
  microsoftTlsa,
  only,
  policyIn,
  remarksIn,
  reportsIn,
  soundDocument,
  soundEntry,
} from '#test/support/inbound-documents.ts';

function codeOf(document: unknown): string {
  const reading = readInboundReports(Buffer.isBuffer(document) ? document : bytesOf(document));
  return reading.kind === 'unreadable' ? reading.code : reading.kind;
}

const policyMember = (members: Record<string, unknown>): Record<string, unknown> =>
  documentWith({ policy: { ...(soundEntry()['policy'] as object), ...members } });

describe('reading a report of others', () => {
  it('reads each member where everything is as it should be, without a remark', () => {
    expect(only(reportsIn(soundDocument()))).toEqual({
      organization: 'Reporter Inc.',
      contact: 'tls@reporter.example',
      reportId: '2026-01-31T00:00:00Z_a.example',
      startMs: Date.UTC(2026, 0, 31),
      endMs: Date.UTC(2026, 1, 1),
      policies: [
        {
          type: 'sts',
          domain: 'a.example',
          strings: ['version: STSv1', 'mode: testing', 'mx: *.a.example', 'max_age: 86400'],
          mxHosts: ['*.a.example'],
          successful: 5_326,
          failed: 303,
          failures: [
            {
              resultType: 'certificate-expired',
              sessions: 103,
              sendingMtaIp: '2001:db8:abcd:12::1',
              receivingMxHostname: 'mx1.a.example',
            },
            {
              resultType: 'validation-failure',
              sessions: 200,
              sendingMtaIp: '198.51.100.62',
              receivingMxHostname: 'mx2.a.example',
              receivingMxHelo: 'mail.a.example',
              receivingIp: '203.0.113.58',
              reasonCode: 'X509_V_ERR_PROXY_PATH_LENGTH_EXCEEDED',
              additionalInformation: 'https://reporter.example/why',
            },
          ],
        },
      ],
      remarks: [],
    });
  });

  it.each<[string, unknown, Partial<InboundPolicy>, string]>([
    [
      'MX patterns as one text',
      policyMember({ 'mx-host': '*.a.example' }),
      { mxHosts: ['*.a.example'] },
      'list-expected policies[0].policy.mx-host',
    ],
    [
      'JSON in a text with controls in it',
      policyMember({ 'policy-string': '["version: STSv1\\u001b[31m\\n"]' }),
      { strings: ['version: STSv1 [31m '] },
      'list-expected policies[0].policy.policy-string,json-in-text policies[0].policy.policy-string',
    ],
    [
      'MX patterns with the word of the policy',
      policyMember({ 'mx-host': ['mx: b.example'] }),
      { mxHosts: ['b.example'] },
      'mx-host-prefixed policies[0].policy.mx-host',
    ],
    [
      'a policy as one text',
      policyMember({ 'policy-string': 'version: STSv1\r\nmode: enforce\n' }),
      { strings: ['version: STSv1', 'mode: enforce'] },
      'list-expected policies[0].policy.policy-string',
    ],
    [
      'TLSA records in a list inside of a text',
      documentWith(microsoftTlsa, {}),
      { type: 'tlsa', strings: ['3 1 1 60AB', '3 1 1 83CD'], successful: 2 },
      'json-in-text policies[0].policy.policy-string',
    ],
    [
      'TLSA records as one text',
      policyMember({ 'policy-type': 'tlsa', 'policy-string': '3 1 1 ab; 3 1 1 cd' }),
      { strings: ['3 1 1 ab', '3 1 1 cd'] },
      'list-expected policies[0].policy.policy-string',
    ],
    [
      'a blank last line',
      policyMember({ 'policy-string': ['version: STSv1', ''] }),
      { strings: ['version: STSv1'] },
      '',
    ],
    [
      'the blanks of a line',
      policyMember({ 'policy-string': ['mx: b.example '] }),
      { strings: ['mx: b.example '] },
      '',
    ],
    [
      'null for what a policy has not',
      policyMember({ 'mx-host': null }),
      { mxHosts: [] },
      'member-empty policies[0].policy.mx-host',
    ],
    [
      'a policy type of tomorrow',
      policyMember({ 'policy-type': 'DNSSEC Policy' }),
      { type: 'DNSSEC Policy' },
      'unknown-policy-type policies[0].policy.policy-type',
    ],
    [
      'a domain in U-labels',
      policyMember({ 'policy-domain': 'b\u00fccher.example.' }),
      { domain: 'xn--bcher-kva.example' },
      'domain-form policies[0].policy.policy-domain',
    ],
    [
      'counts as texts',
      documentWith({ summary: { 'total-successful-session-count': '7', 'total-failure-session-count': '303' } }),
      { successful: 7, failed: 303 },
      'count-as-text policies[0].summary.total-successful-session-count,count-as-text policies[0].summary.total-failure-session-count',
    ],
    [
      'counts that are left out',
      documentWith({ summary: {}, 'failure-details': null }),
      { successful: 0, failed: 0, failures: [] },
      'member-empty policies[0].failure-details,member-missing policies[0].summary.total-successful-session-count,member-missing policies[0].summary.total-failure-session-count',
    ],
    [
      'counts that are none',
      documentWith({ summary: { 'total-successful-session-count': -1, 'total-failure-session-count': 1.5 } }),
      { successful: 0, failed: 0 },
      'count-unusable policies[0].summary.total-successful-session-count,count-unusable policies[0].summary.total-failure-session-count',
    ],
    [
      'failures of which there are no details',
      documentWith({ 'failure-details': [] }),
      { failed: 303, failures: [] },
      'failures-without-details policies[0]',
    ],
  ])('takes %s', (_what, document, expected, remarks) => {
    expect(policyIn(document)).toMatchObject(expected);
    expect(remarksIn(document).join(',')).toBe(remarks);
  });

  it.each<[string, Record<string, unknown>, Partial<InboundReport>, string]>([
    ['no contact', { 'contact-info': null }, { contact: undefined }, 'member-empty contact-info'],
    [
      'a contact that is a URI',
      { 'contact-info': 'mailto:tls@r.example' },
      { contact: 'tls@r.example' },
      'contact-form contact-info',
    ],
    ['a number as report-id', { 'report-id': 133 }, { reportId: '133' }, 'member-type report-id'],
    ['a report-id that ends too early', { 'report-id': '133+' }, { reportId: '133+' }, 'report-id-cut report-id'],
    ['one policy without a list', { policies: soundEntry() }, {}, 'list-expected policies'],
    ['no policies in its list', { policies: [] }, { policies: [] }, ''],
    ['a member more', { version: 1 }, {}, 'member-unknown '],
  ])('takes a report with %s', (_what, members, expected, remarks) => {
    const document = { ...soundDocument(), ...members };
    expect(only(reportsIn(document))).toMatchObject(expected);
    expect(remarksIn(document).join(',')).toBe(remarks);
  });

  it('takes the domain that whatever came with the report names, where a policy names none', () => {
    const document = documentWith({
      policy: { 'policy-type': 'no-policy-found', 'policy-domain': '' },
    });
    expect(policyIn(document, 'a.example').domain).toBe('a.example');
    expect(policyIn(document).domain).toBe('');
    expect(only(reportsIn(document, 'a.example')).remarks.map(({ code }) => code)).toEqual([
      'member-empty',
      'domain-inferred',
    ]);
  });

  it('reads the forms of drafts, and says so', () => {
    expect(policyIn(draftDocument)).toMatchObject({
      type: 'sts',
      domain: 'a.example',
      mxHosts: ['*.a.example'],
      successful: 5_326,
      failed: 303,
      failures: [
        { resultType: 'certificate-expired', sessions: 100, reasonCode: 'expired' },
        { resultType: 'starttls-not-supported', sessions: 203 },
      ],
    });
    expect(remarksIn(draftDocument)).toContain('draft-form ');
  });

  it('counts an oddity once that is in each of many failures', () => {
    const details = Array.from({ length: 500 }, () => ({
      'result-type': 'dane-required',
      'failed-session-count': '1',
    }));
    expect(remarksIn(documentWith({ 'failure-details': details }))).toEqual([
      'count-as-text policies[0].failure-details[0].failed-session-count x500',
    ]);
  });

  it.each<[string, Buffer, string[]]>([
    ['with a byte order mark', Buffer.from(`\ufeff${JSON.stringify(soundDocument())}`), ['byte-order-mark ']],
    ['in UTF-16', Buffer.from(`\ufeff${JSON.stringify(soundDocument())}`, 'utf16le'), ['not-utf8 ']],
    ['in UTF-16 without a mark', Buffer.from(JSON.stringify(soundDocument()), 'utf16le'), ['not-utf8 ']],
    [
      'in Latin-1',
      Buffer.from(JSON.stringify({ ...soundDocument(), 'organization-name': 'M\u00fcller' }), 'latin1'),
      ['not-utf8 '],
    ],
    [
      'with something behind it',
      Buffer.from(`${JSON.stringify(soundDocument())}\r\n-- \r\nbanner`),
      ['trailing-content '],
    ],
    ['with NULs behind it', Buffer.from(`${JSON.stringify(soundDocument())}\0\0`), ['trailing-content ']],
  ])('reads a document %s', (_what, bytes, remarks) => {
    expect(policyIn(bytes)).toMatchObject({ successful: 5_326, failed: 303 });
    expect(remarksIn(bytes)).toEqual(remarks);
  });

  it('reads several documents behind each other, and a list of them', () => {
    const second = { ...soundDocument(), 'report-id': 'second' };
    for (const text of [
      `${JSON.stringify(soundDocument())}\n${JSON.stringify(second)}`,
      JSON.stringify([soundDocument(), second]),
    ]) {
      const reports = reportsIn(text);
      expect(reports.map(({ reportId }) => reportId)).toEqual([soundDocument()['report-id'], 'second']);
      expect(reports[0]?.remarks.map(({ code }) => code)).toEqual(['several-reports']);
    }
  });

  it.each<[string, unknown, string]>([
    ['nothing', Buffer.alloc(0), 'empty'],
    ['blanks', '  \n', 'empty'],
    ['words', 'a report', 'not-json'],
    ['half a report', JSON.stringify(soundDocument()).slice(0, 300), 'truncated'],
    ['broken JSON', '{"policies": [}', 'truncated'],
    ['other JSON', '{"a": 1}', 'not-a-report'],
    ['a number', '1', 'not-a-report'],
    ['a report without policies', { ...soundDocument(), policies: undefined }, 'no-policies'],
    ['more than a report has', Buffer.alloc(inboundLimits.sizeBytes + 1, ' '), 'too-large'],
    [
      'a million records in a text',
      policyMember({ 'policy-type': 'tlsa', 'policy-string': ';'.repeat(1_000_000) }),
      'too-complex',
    ],
    ['a million lines in a text', policyMember({ 'policy-string': '\n'.repeat(1_000_000) }), 'too-complex'],
    ['a million lists', Buffer.alloc(1_000_000, '['), 'too-complex'],
  ])('refuses %s with the reason', (_what, document, code) => {
    expect(codeOf(document)).toBe(code);
    expect(Object.keys(unreadableMeanings)).toContain(code);
  });
});

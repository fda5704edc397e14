import { describe, expect, it } from 'vitest';
import { filterSummary } from '#cli/output/filter-summary.ts';
import type { SummedUp } from '#cli/output/filter-summary.ts';
import { unverifiedFile } from '#tlsrpt/verification.ts';
import { documentWith, reportsIn } from '#test/support/inbound-documents.ts';

function sent(document: unknown): SummedUp[] {
  return reportsIn(document).map((report) => ({ report, verification: unverifiedFile }));
}

const withFailures = (...details: readonly object[]): SummedUp[] => sent(documentWith({ 'failure-details': details }));
const addressesIn = (text: string): string[] =>
  [...text.matchAll(/sending-mta-ip: (.*)/g)].map(([, rest = '']) => rest);

describe('the summary of a mail filter', () => {
  it('has the counts of each policy, also without failures', () => {
    const well = sent(documentWith({ 'failure-details': [], summary: { 'total-successful-session-count': 1 } }));
    expect(filterSummary([...well, ...well])).toBe(
      [0, 1]
        .map(
          () =>
            'TLS report of Reporter Inc. on 2026-01-31\n' +
            '  report-id 2026-01-31T00:00:00Z_a.example, contact tls@reporter.example\n\n' +
            'policy sts of a.example: 1 session succeeded, 0 failed',
        )
        .join('\n\n'),
    );
  });

  it('has each sending address by itself behind its name, and nothing else there', () => {
    const text = filterSummary(
      withFailures(
        { 'sending-mta-ip': '[IPv6:2001:DB8::1]' },
        { 'sending-mta-ip': '192.0.2.1' },
        { 'sending-mta-ip': '192.0.2.1 192.0.2.2' },
        { 'sending-mta-ip': '192.0.2.1\nsending-mta-ip: 192.0.2.3' },
        { 'sending-mta-ip': '0.0.0.0/0' },
        {},
      ),
    );
    expect(addressesIn(text)).toEqual(['2001:db8::1', '192.0.2.1']);
    expect(text).toContain('\nsts failure\nsending-mta-ip: 2001:db8::1\n');
    expect(text).toContain('\nsending-mta-ip unusable: 0.0.0.0/0\n');
    expect(text).toContain('\nsending-mta-ip missing\n');
  });

  it('lets nothing that a stranger wrote begin a line, pass for an address, or reach a terminal', () => {
    const evil = `\u001b[2Jsending-mta-ip: 192.0.2.66 ${'x '.repeat(60)}\r\n--b\r\nsending-mta-ip : 192.0.2.67\u202e`;
    const text = filterSummary(
      sent({
        ...documentWith({
          policy: { 'policy-type': evil, 'policy-domain': evil },
          'failure-details': [
            {
              'result-type': evil,
              'receiving-mx-hostname': evil,
              'receiving-ip': evil,
              'failure-reason-code': evil,
              'additional-information': evil,
            },
          ],
        }),
        'organization-name': evil,
        'contact-info': evil,
        'report-id': evil,
      }),
    );
    expect(addressesIn(text)).toEqual([]);
    expect(text).not.toMatch(/sending-mta-ip\s*:/);
    expect(text).not.toMatch(/[^\n\P{Cc}]|\u202e/u);
    const begins = /^(?:$| {2}|TLS report of |policy |unknown failure$|sending-mta-ip missing$)/;
    expect(text.split('\n').filter((line) => !begins.test(line))).toEqual([]);
    expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThan(300);
  });

  it('is never larger than a mail may be, and says what it leaves out', () => {
    const details = Array.from({ length: 2_100 }, (_, index) => ({
      'sending-mta-ip': `2001:db8::${(index + 1).toString(16)}`,
      'failure-reason-code': '\u{1f4e7}'.repeat(250),
      'receiving-mx-hostname': '\u{1f4e7}'.repeat(250),
    }));
    const small = Array.from({ length: 109 }, () => withFailures({})).flat();
    const text = filterSummary([...withFailures(...details), ...small]);
    expect(addressesIn(text).length).toBe(2_000);
    expect(text).toMatch(/\nand 100 more failures, in what is attached\n/);
    expect(text).toMatch(/\nand 10 more reports, in what is attached$/);
    expect(Buffer.byteLength(text)).toBeLessThan(2_000_000);
  });

  it('says of whom it is shown that they did not send it', () => {
    const why = 'the signature is wrong';
    const [report] = sent(documentWith({}));
    const verification = { ...unverifiedFile, method: 'dkim', result: 'fail', why } as const;
    expect(filterSummary(report ? [{ ...report, verification }] : [])).toContain(`\n  sender not verified: ${why}\n`);
  });
});

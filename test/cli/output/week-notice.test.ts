import { describe, expect, it } from 'vitest';
import { weekNotice } from '#cli/output/week-notice.ts';
import type { PolicySum, WeekSums } from '#pipeline/inbound/sum-week.ts';
import type { Notice } from '#store/notices.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const policy: PolicySum = {
  policyDomain: 'a.example',
  policyType: 'sts',
  isVerified: true,
  reporters: 2,
  successful: 20,
  failed: 4,
  failures: [{ resultType: 'tlsa-invalid', sessions: 9 }],
};
const [MONDAY, SUNDAY] = ['2026-03-16' as UtcDay, '2026-03-22' as UtcDay];

function noticeOf(sums: Partial<WeekSums>): Notice {
  const week = { firstDay: MONDAY, lastDay: SUNDAY, policies: [policy], silent: [], ...sums };
  return weekNotice(week, { id: 'one', madeMs: 0, host: 'mx.a.example' });
}

describe('weekNotice', () => {
  it('says what was reported of each policy, and who fell silent', () => {
    const silent = [{ organization: 'Other', firstDay: MONDAY, lastDay: SUNDAY, days: 7, silentDays: 9 }];
    const { subject, text, facts } = noticeOf({ silent });
    expect(subject).toBe('TLS reports of the week from 2026-03-16: failures under 1 of all policies (1)');
    expect(text.split('\n')).toEqual([
      'What others reported about 2026-03-16 to 2026-03-22:',
      '',
      '- sts of a.example: 20 sessions succeeded, 4 failed (reporters: 2)',
      '  9 tlsa-invalid',
      '',
      'Reporters that fell silent:',
      '- Other, which reported last about 2026-03-22',
      '',
      'tlsrpt on mx.a.example. All of it: tlsrpt inbound --since 2026-03-16',
    ]);
    expect(facts).toMatchObject({
      kind: 'week',
      omitted: 0,
      policies: [{ policyDomain: 'a.example', verified: true }],
    });
  });

  it('says that nothing failed', () => {
    const { subject } = noticeOf({ policies: [{ ...policy, failed: 0, failures: [] }] });
    expect(subject).toBe('TLS reports of the week from 2026-03-16: no failures');
  });

  it('is short, and has no line that a stranger began, whatever strangers report', () => {
    const name = `x\r\nBcc: evil@b.example\u202e${'y'.repeat(5_000)}`;
    const failures = Array.from({ length: 900 }, () => ({ resultType: name, sessions: 1 }));
    const evil = { ...policy, policyDomain: name, policyType: name, isVerified: false, failures };
    const silent = { organization: name, firstDay: MONDAY, lastDay: SUNDAY, days: 7, silentDays: 9 };
    const all = Array.from({ length: 900 }, () => evil);
    const { text, facts } = noticeOf({ policies: all, silent: all.map(() => silent) });
    expect(text.length + JSON.stringify(facts).length).toBeLessThan(150_000);
    expect(text).not.toMatch(/(?!\n)\p{Cc}|\u202e|^Bcc/mu);
    expect(text).toContain('\nAnd 870 more policies.\n');
  });
});

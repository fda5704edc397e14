import { describe, expect, it } from 'vitest';
import { reportFileName } from '#tlsrpt/report-file-name.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const SUBJECT = {
  submitter: { organizationName: 'Sender', contactInfo: 'tlsrpt@Sender.Example' },
  day: '2026-11-19' as UtcDay,
  policyDomain: 'good.example',
  uniqueId: '0123456789abcdef0123456789abcdef',
};

describe('reportFileName', () => {
  it('names who tells whom about which seconds', () => {
    expect(reportFileName(SUBJECT)).toBe(
      'sender.example!good.example!1795046400!1795132799!0123456789abcdef0123456789abcdef.json.gz',
    );
  });

  it('covers one day to its last second', () => {
    const [, , begin, end] = reportFileName(SUBJECT).split('!').map(Number);
    expect([begin, end]).toEqual([Date.UTC(2026, 10, 19) / 1_000, Date.UTC(2026, 10, 19, 23, 59, 59) / 1_000]);
  });

  it('is read by the pattern that tolerant readers use', () => {
    expect(reportFileName(SUBJECT)).toMatch(/^([^!]+)!([^!]+)!(\d+)!(\d+)(?:!([^!]+?))?\.json(?:\.gz)?$/);
  });

  it('names the first report on a day as before, and each that follows otherwise', () => {
    expect(reportFileName({ ...SUBJECT, revision: 0 })).toBe(reportFileName(SUBJECT));
    expect(reportFileName({ ...SUBJECT, revision: 2 })).toMatch(/!0123456789abcdef0123456789abcdefr2\.json\.gz$/);
  });

  it.each([
    ['x.'.repeat(122), 'y.'],
    ['y.', 'x.'.repeat(122)],
    ['x.'.repeat(122), 'x.'.repeat(122)],
    [`${'x'.repeat(63)}.`.repeat(3), `${'y'.repeat(63)}.`.repeat(3)],
  ])('is a name that file systems take, with the domains %sexample and %sexample', (policy, submitter) => {
    const name = reportFileName({
      ...SUBJECT,
      policyDomain: `${policy}example`,
      submitter: { organizationName: 'Sender', contactInfo: `tlsrpt@${submitter}example` },
    });
    expect(name).toMatch(
      /^[a-z0-9.-]+\.example![a-z0-9.-]+\.example!1795046400!1795132799!0123456789abcdef0123456789abcdef\.json\.gz$/,
    );
    expect(name.length).toBeLessThanOrEqual(255);
  });
});

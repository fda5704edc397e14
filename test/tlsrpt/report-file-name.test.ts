import { describe, expect, it } from 'vitest';
import { reportFileName } from '#tlsrpt/report-file-name.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const SUBJECT = {
  submitter: { organizationName: 'Sender', contactInfo: 'tlsrpt@Sender.Example' },
  day: '2026-11-19' as UtcDay,
  policyDomain: 'good.example',
  uniqueId: '0123456789ab',
};

describe('reportFileName', () => {
  it('names who tells whom about which seconds', () => {
    expect(reportFileName(SUBJECT)).toBe('sender.example!good.example!1795046400!1795132799!0123456789ab.json.gz');
  });

  it('covers one day to its last second', () => {
    const [, , begin, end] = reportFileName(SUBJECT).split('!').map(Number);
    expect([begin, end]).toEqual([Date.UTC(2026, 10, 19) / 1_000, Date.UTC(2026, 10, 19, 23, 59, 59) / 1_000]);
  });

  it('is read by the pattern that tolerant readers use', () => {
    expect(reportFileName(SUBJECT)).toMatch(/^([^!]+)!([^!]+)!(\d+)!(\d+)(?:!([^!]+?))?\.json(?:\.gz)?$/);
  });
});

import { describe, expect, it } from 'vitest';
import { unreportedDays } from '#pipeline/report/unreported-days.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { DAY, MORNING_MS } from '#test/support/collected-days.ts';
import { FakeRecords } from '#test/support/fake-records.ts';
import { BAD, GOOD, Reporting } from '#test/support/reporting.ts';

const FIRST = '2026-11-16' as UtcDay;
const EARLIER = '2026-11-17' as UtcDay;
const TODAY = '2026-11-20' as UtcDay;
const DAY_MS = 86_400_000;
const WITHOUT_RECORD = Buffer.from(JSON.stringify({ d: 'a.example', policies: [{ 'policy-type': 9, f: 1 }] }));

function daysAt({ days }: Reporting, nowMs = MORNING_MS): UtcDay[] {
  return unreportedDays(days.store, nowMs);
}

describe('unreportedDays', () => {
  it('are those that are over and that no report was made about, oldest first, whichever host saw them', async () => {
    const reporting = await Reporting.of([GOOD]);
    reporting.days.collect([GOOD], { day: EARLIER });
    reporting.days.collect([GOOD], { day: TODAY });
    reporting.days.fetch('mx2', [GOOD], { day: FIRST });
    expect(daysAt(reporting)).toEqual([FIRST, EARLIER, DAY]);
  });

  it('include yesterday also when nothing of it is here', async () => {
    expect(daysAt(await Reporting.of([]))).toEqual([DAY]);
  });

  it('leave out a day that was reported, until more of it comes', async () => {
    const reporting = await Reporting.of([GOOD]);
    await reporting.run();
    expect(daysAt(reporting)).toEqual([]);
    reporting.days.fetch('mx2', [BAD]);
    expect(daysAt(reporting)).toEqual([DAY]);
  });

  it('include a day of which one domain alone, or a part, was reported', async () => {
    const reporting = await Reporting.of([GOOD, BAD]);
    await reporting.run({ domains: ['good.example'] });
    await reporting.run({ partial: true });
    expect(daysAt(reporting)).toEqual([DAY]);
  });

  it('include a day with records that nobody knew, for two days', async () => {
    const reporting = await Reporting.of([WITHOUT_RECORD, GOOD]);
    const records = new FakeRecords({ 'a.example': 'unknown' });
    await reporting.run({ records });
    await reporting.run({ records, clock: { nowMs: () => MORNING_MS + DAY_MS } });
    expect(daysAt(reporting, MORNING_MS + 2 * DAY_MS)).toContain(DAY);
    expect(daysAt(reporting, MORNING_MS + 2 * DAY_MS + 1)).not.toContain(DAY);
  });

  it('include a day with a report that could not be built', async () => {
    const reporting = await Reporting.of([GOOD]);
    const submitter = {
      organizationName: 'Sender',
      get contactInfo(): string {
        throw new TypeError('a bug');
      },
    };
    await reporting.run({ submitter, domainFailed: () => undefined });
    expect(daysAt(reporting)).toEqual([DAY]);
  });
});

import { describe, expect, it } from 'vitest';
import { readStatus } from '#pipeline/status/read-status.ts';
import type { DayStatus } from '#pipeline/status/read-status.ts';
import { CollectorStore } from '#store/collector-store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { reportWithId } from '#test/contracts/report-transport.contract.ts';
import { CollectedDays, DAY, MORNING_MS } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';

const EARLIER = '2026-11-18' as UtcDay;
const TODAY = '2026-11-21' as UtcDay;
const NOW_MS = Date.UTC(2026, 10, 21, 6);
const SOURCES = ['/mx1', '/mx2'];
const GOOD = makeDatagram({ domain: 'good.example' });
const OTHER = makeDatagram({ domain: 'other.example' });
const UNREADABLE = Buffer.from('not JSON');

function statusOf({ store }: CollectedDays, day?: UtcDay, domains: readonly string[] = []): DayStatus[] {
  return readStatus({ store, day, domains, sources: SOURCES, nowMs: NOW_MS });
}

function queue(days: CollectedDays, day: UtcDay, reportId: string, policyDomain = 'good.example'): void {
  const outbox = days.store.outboxes.open(day);
  const outgoing = { ...reportWithId(reportId), policyDomain };
  outbox.save([{ outgoing, destinations: [`mailto:tls@${policyDomain}`], dueMs: MORNING_MS }]);
  outbox.close();
}

describe('readStatus', () => {
  it('says nothing of an empty state directory, and makes nothing there', async () => {
    const days = await CollectedDays.make();
    expect(statusOf(days)).toEqual([]);
    expect(statusOf(days, DAY)).toMatchObject([
      {
        day: DAY,
        collected: { datagrams: 0, rejected: 0, domains: 0 },
        missing: [],
        reports: 0,
        deliveries: [],
        withheld: [],
      },
    ]);
    expect(days.store.outboxes.days()).toEqual([]);
  });

  it('counts datagrams, the unreadable ones among them, and domains', async () => {
    const days = await CollectedDays.make();
    days.collect([GOOD, GOOD, OTHER, UNREADABLE]);
    expect(statusOf(days)).toMatchObject([{ day: DAY, collected: { datagrams: 4, rejected: 1, domains: 2 } }]);
  });

  it('leaves out days to come for which a clock that was ahead has begun something, unless there is something in them', async () => {
    const days = await CollectedDays.make();
    const [asked, begun, filled] = ['2027-11-18', '2027-11-19', '2027-11-20'] as [UtcDay, UtcDay, UtcDay];
    days.collect([GOOD], { day: DAY });
    days.store.fetched.noteResults(asked, [{ source: '/mx1', result: 'absent' }]);
    days.collect([], { day: begun });
    expect(statusOf(days).map(({ day }) => day)).toEqual([DAY]);
    days.collect([GOOD], { day: filled });
    expect(statusOf(days).map(({ day }) => day)).toEqual([DAY, filled]);
    expect(statusOf(days, begun)).toMatchObject([{ day: begun, collected: { datagrams: 0 } }]);
  });

  it('says how many datagrams were lost since there was no room for them', async () => {
    const days = await CollectedDays.make();
    const journal = await new CollectorStore(days.store.path).openJournal(DAY, () => undefined);
    journal.putFigures({ sums: new Map([['dropped', 3]]), peaks: new Map() });
    await journal.write();
    journal.close();
    expect(statusOf(days)).toMatchObject([{ day: DAY, collected: { datagrams: 0, dropped: 3 } }]);
  });

  it('names the domains that a day has no room for all details of', async () => {
    const days = await CollectedDays.make();
    const flood = Array.from({ length: 1_010 }, (_, index) =>
      makeDatagram({
        domain: 'flood.example',
        failures: [{ code: 201, receivingIp: `10.0.${String(index >> 8)}.${String(index % 256)}` }],
      }),
    );
    days.collect([...flood, GOOD]);
    days.collect([...flood.slice(-3), GOOD]);
    expect(statusOf(days)).toMatchObject([
      { collected: { detailsMerged: 13, detailsMergedByDomain: { 'flood.example': 13 }, failuresLeftOut: 0 } },
    ]);
  });

  it('adds what was fetched, and counts a domain once that several hosts saw', async () => {
    const days = await CollectedDays.make();
    days.collect([GOOD]);
    days.fetch('mx2', [GOOD, OTHER]);
    expect(statusOf(days)).toMatchObject([{ collected: { datagrams: 3, rejected: 0, domains: 2 } }]);
  });

  it('adds what was fetched of a day that was not over, unless the whole day is there too', async () => {
    const days = await CollectedDays.make();
    days.fetchPartial('mx2', [GOOD, OTHER]);
    expect(statusOf(days, DAY)).toMatchObject([{ collected: { datagrams: 2, rejected: 0, domains: 2 } }]);
    days.fetch('mx2', [GOOD, OTHER, GOOD]);
    expect(statusOf(days, DAY)).toMatchObject([{ collected: { datagrams: 3, rejected: 0, domains: 2 } }]);
  });

  it('counts a state directory once that was reached by two ways, as reports do', async () => {
    const days = await CollectedDays.make();
    days.collect([GOOD]);
    days.fetch('here-again', [GOOD], { origin: days.store.identity() });
    expect(statusOf(days)).toMatchObject([{ collected: { datagrams: 1 } }]);
  });

  it('shows the days of all stages, the oldest first, or one', async () => {
    const days = await CollectedDays.make();
    days.collect([GOOD]);
    days.fetch('mx2', [GOOD], { day: EARLIER });
    queue(days, '2026-11-17' as UtcDay, 'id-1@sender.example');
    expect(statusOf(days).map(({ day }) => day)).toEqual(['2026-11-17', EARLIER, DAY]);
    expect(statusOf(days, EARLIER).map(({ day }) => day)).toEqual([EARLIER]);
  });

  it('shows reports and deliveries, or those about some domains', async () => {
    const days = await CollectedDays.make();
    queue(days, DAY, 'id-1@sender.example');
    queue(days, DAY, 'id-2@sender.example', 'other.example');
    expect(statusOf(days)).toMatchObject([
      {
        reports: 2,
        deliveries: [
          { reportId: 'id-1@sender.example', state: 'queued', attempts: 0 },
          { reportId: 'id-2@sender.example', state: 'queued', attempts: 0 },
        ],
      },
    ]);
    expect(statusOf(days, undefined, ['other.example'])).toMatchObject([
      { reports: 1, deliveries: [{ reportId: 'id-2@sender.example' }] },
    ]);
  });

  describe('about sources', () => {
    const YESTERDAY = '2026-11-20' as UtcDay;

    it('names those of yesterday that are not here', async () => {
      const days = await CollectedDays.make();
      days.fetch(days.store.fetched.folderOf('/mx1'), [GOOD], { day: YESTERDAY });
      expect(statusOf(days, YESTERDAY)).toMatchObject([{ missing: ['/mx2'] }]);
    });

    it('names those of an earlier day only when they were asked', async () => {
      const days = await CollectedDays.make();
      days.store.fetched.noteResults(DAY, [{ source: '/mx2', result: 'not-closed' }]);
      expect(statusOf(days)).toMatchObject([{ day: DAY, missing: ['/mx2'] }]);
    });

    it('expects none of a day that is not over', async () => {
      const days = await CollectedDays.make();
      days.store.fetched.noteResults(TODAY, [{ source: '/mx2', result: 'not-closed' }]);
      expect(statusOf(days, TODAY)).toMatchObject([{ missing: [] }]);
    });
  });
});

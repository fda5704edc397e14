import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LogEvent } from '#events/event.ts';
import { requireAllHosts } from '#pipeline/report/require-all-hosts.ts';
import type { RequiredHosts } from '#pipeline/report/require-all-hosts.ts';
import { Store } from '#store/store.ts';
import { Problem } from '#support/problem.ts';
import { CollectedDays } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { endOfDayMs } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY = '2026-11-19' as UtcDay;
const WAIT_MS = 6 * 3_600_000;

async function required(
  wish: Partial<RequiredHosts> = {},
): Promise<{ problem: Problem | undefined; logged: LogEvent[] }> {
  const logged: LogEvent[] = [];
  const store = await Store.open(join(scratchDirectory(), 'state'));
  const log = (event: LogEvent): unknown => logged.push(event);
  const base = { store, day: DAY, sources: ['/mx1', '/mx2'], nowMs: endOfDayMs(DAY), waitMs: WAIT_MS };
  try {
    requireAllHosts({ ...base, withoutMissing: false, partial: false, log, ...wish });
    return { problem: undefined, logged };
  } catch (error) {
    return { problem: error instanceof Problem ? error : undefined, logged };
  }
}

describe('requireAllHosts', () => {
  it('has nothing to say when there are no sources', async () => {
    expect(await required({ sources: [] })).toEqual({ problem: undefined, logged: [] });
  });

  it('holds the reports back while hosts are missing, names them and says how long', async () => {
    const { problem } = await required({ nowMs: endOfDayMs(DAY) + WAIT_MS - 1 });
    expect(problem).toMatchObject({
      code: 'hosts-missing',
      message: expect.stringMatching(/\/mx1, \/mx2 are missing.*2026-11-20T06:00:00/) as string,
    });
  });

  it.each<[string, Partial<RequiredHosts>]>([
    ['when it is told to', { withoutMissing: true }],
    ['once the grace period is over', { nowMs: endOfDayMs(DAY) + WAIT_MS }],
  ])('goes on without them %s, and says who was left out', async (_, wish) => {
    const { problem, logged } = await required(wish);
    expect(problem).toBeUndefined();
    expect(logged).toMatchObject([
      { name: 'hosts-left-out', level: 'warning', facts: { day: DAY, sources: ['/mx1', '/mx2'] } },
    ]);
  });

  it('leaves nobody out of whom there is a part, where parts count', async () => {
    const days = await CollectedDays.make();
    const { store } = days;
    const seen = [makeDatagram({ domain: 'a.example' })];
    days.fetchPartial(store.fetched.folderOf('/mx1'), seen);
    days.fetchPartial(store.fetched.folderOf('/mx3'), seen);
    writeFileSync(store.fetched.fileOf(store.fetched.folderOf('/mx3'), DAY), 'damaged');
    const { logged } = await required({ store, withoutMissing: true, partial: true });
    expect(logged).toMatchObject([{ name: 'hosts-left-out', facts: { sources: ['/mx2'] } }]);
    expect(await required({ store, sources: ['/mx1'], withoutMissing: true, partial: true })).toMatchObject({
      logged: [],
    });
    const { logged: whole } = await required({ store, withoutMissing: true });
    expect(whole).toMatchObject([{ facts: { sources: expect.arrayContaining(['/mx1', '/mx2']) as string[] } }]);
  });

  it('does not wait for a source that was named by hand and is not there', async () => {
    const store = await Store.open(join(scratchDirectory(), 'state'));
    store.fetched.noteResults(DAY, [{ source: '/typo', result: 'refused' }]);
    expect(await required({ store, sources: [] })).toEqual({ problem: undefined, logged: [] });
  });

  it('waits for a source that was named by hand and could not be reached', async () => {
    const store = await Store.open(join(scratchDirectory(), 'state'));
    store.fetched.noteResults(DAY, [{ source: '/mx9', result: 'unreachable' }]);
    expect((await required({ store, sources: [] })).problem?.message).toContain('/mx9 is missing');
  });

  it('waits for none that has answered', async () => {
    const store = await Store.open(join(scratchDirectory(), 'state'));
    store.fetched.noteResults(DAY, [
      { source: '/mx1', result: 'absent', askedAt: '2026-11-20T00:00:00.000Z' },
      { source: '/mx2', result: 'same-origin' },
    ]);
    expect(await required({ store })).toEqual({ problem: undefined, logged: [] });
  });
});

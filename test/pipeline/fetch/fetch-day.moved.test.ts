import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { directorySource } from '#adapters/directory/directory-source.ts';
import { localFile } from '#adapters/directory/local-file.ts';
import type { LogEvent } from '#events/event.ts';
import { fetchDay } from '#pipeline/fetch/fetch-day.ts';
import type { StateSource } from '#pipeline/fetch/state-source.ts';
import type { Store } from '#store/store.ts';
import { sys4Source } from '#sys4/sys4-source.ts';
import { CollectedDays, DAY, MORNING_MS } from '#test/support/collected-days.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { seen, sessionsOn } from '#test/support/sys4-installation.ts';
import { sys4Collect, sys4Database } from '#test/support/sys4.ts';

describe('a day that an old collector counted', () => {
  let store: Store;
  let events: LogEvent[];

  beforeEach(async () => {
    ({ store } = await CollectedDays.make());
    events = [];
  });

  /** What tlsrpt-collectd left, as `name` reads it. */
  async function oldCollector(name: string, times: number, mayReadHere: boolean): Promise<StateSource> {
    const path = join(scratchDirectory(), 'collectd.sqlite.yesterday');
    writeFileSync(path, await sys4Database(sys4Collect(seen('a.example', times)), { day: DAY }));
    return sys4Source({ ...localFile(path), name }, store, { mayReadHere });
  }

  async function results(sources: readonly StateSource[], configured: readonly string[] = []): Promise<unknown> {
    const log = (event: LogEvent): void => void events.push(event);
    const rows = await fetchDay({ store, day: DAY, partial: false, sources, configured, log });
    return rows.map(({ result }) => result);
  }

  async function moved(times: number, into = store): Promise<void> {
    const days = await CollectedDays.make();
    days.collect(seen('a.example', times));
    const reader = days.store.sessions.read(DAY);
    into.moved.take(DAY, reader ? [reader] : []);
    reader?.close();
    await into.moved.settle(DAY, true);
  }

  it('is not kept once more from a program that reads what was moved here, which is said', async () => {
    await moved(3);
    expect(await results([await oldCollector('flock -F x tlsrpt-fetcher', 3, true)])).toEqual(['identity-conflict']);
    expect(events.map(({ level, name }) => `${level} ${name}`)).toEqual(['error day-moved-before']);
    expect(store.fetched.folders()).toEqual([]);
  });

  it('is not kept once more either as it was at an earlier move', async () => {
    for (const times of [3, 5]) await moved(times);
    const sources = [await oldCollector('tlsrpt-fetcher', 3, true), await oldCollector('sudo tlsrpt-fetcher', 5, true)];
    expect(await results(sources)).toEqual(['identity-conflict', 'identity-conflict']);
  });

  it('is kept from one that gives anything else, and from another host', async () => {
    await moved(3);
    const sources = [
      await oldCollector('ssh mx1 tlsrpt-fetcher', 4, true),
      await oldCollector('sftp://mx2/x', 3, false),
    ];
    expect(await results(sources)).toEqual(['fetched', 'fetched']);
  });

  describe('and that its host has moved here since', () => {
    let mx1: CollectedDays;

    beforeEach(async () => {
      mx1 = await CollectedDays.make();
      mx1.collect(seen('a.example', 3));
      expect(await results([await oldCollector('ssh mx1 tlsrpt-fetcher', 3, true)])).toEqual(['fetched']);
    });

    it('counts once, by the name under which that host is asked now', async () => {
      expect(await results([directorySource(mx1.store.path)])).toEqual(['fetched']);
      expect(store.fetched.folders().flatMap((folder) => store.fetched.days(folder))).toEqual([DAY]);
      expect(store.fetched.missingSources({ day: DAY, nowMs: MORNING_MS }, [mx1.store.path])).toEqual([]);
      expect(events.map(({ name }) => name)).toEqual(['day-fetched', 'source-reached-twice', 'day-fetched']);
    });

    describe('into a day of which it saw more itself', () => {
      beforeEach(async () => {
        mx1 = await CollectedDays.make();
        mx1.collect(seen('a.example', 4));
      });

      const sessions = (): Promise<number> => sessionsOn(store.path, DAY);

      it('counts once, as does what it saw itself', async () => {
        await moved(3, mx1.store);
        expect(await results([directorySource(mx1.store.path)])).toEqual(['fetched']);
        expect([store.fetched.folders().length, await sessions()]).toEqual([2, 7]);
        expect(store.fetched.folders().flatMap((folder) => store.fetched.days(folder))).toEqual([DAY]);
      });

      it('counts once, also when it was moved after the host was asked in the new way, and more of it later', async () => {
        expect(await results([directorySource(mx1.store.path)])).toEqual(['fetched']);
        expect(await sessions()).toBe(7);
        for (const times of [3, 5]) {
          await moved(times, mx1.store);
          expect(await results([directorySource(mx1.store.path)])).toEqual(['fetched']);
          expect(await sessions()).toBe(4 + times);
        }
      });

      it('counts once from when the old source is not configured any more, also without anything new from its host', async () => {
        await moved(3, mx1.store);
        const [now, before] = [[directorySource(mx1.store.path)], ['ssh mx1 tlsrpt-fetcher']];
        expect([await results(now, before), await sessions()]).toEqual([['fetched'], 3 + 7]);
        expect([await results(now, before), await sessions()]).toEqual([['already-fetched'], 3 + 7]);
        expect([await results(now), await sessions()]).toEqual([['already-fetched'], 7]);
      });

      it('counts beside it where it is not what was moved', async () => {
        await moved(2, mx1.store);
        expect(await results([directorySource(mx1.store.path)])).toEqual(['fetched']);
        expect(await sessions()).toBe(3 + 2 + 4);
      });
    });

    it('counts for both as long as both are configured, as two hosts', async () => {
      expect(await results([directorySource(mx1.store.path)], ['ssh mx1 tlsrpt-fetcher'])).toEqual(['fetched']);
      expect(store.fetched.folders().length).toBe(2);
    });
  });
});

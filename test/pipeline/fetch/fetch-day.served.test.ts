import { beforeEach, describe, expect, it } from 'vitest';
import { directorySource } from '#adapters/directory/directory-source.ts';
import type { LogEvent } from '#events/event.ts';
import { fetchDay } from '#pipeline/fetch/fetch-day.ts';
import type { StateSource } from '#pipeline/fetch/state-source.ts';
import type { Store } from '#store/store.ts';
import { fetcherSource } from '#sys4/fetcher-source.ts';
import { serveDomain, serveDomainList } from '#sys4/serve-day.ts';
import { CollectedDays, DAY, MORNING_MS } from '#test/support/collected-days.ts';
import { makeDatagram, recordedDatagrams } from '#test/support/datagrams.ts';
import { install, moved, seen, sessionsOn } from '#test/support/sys4-installation.ts';

const WITHOUT_RECORD = Buffer.from(
  JSON.stringify({ dpv: '1', d: 'b.example', policies: [{ 'policy-type': 9, 'policy-domain': 'b.example', f: 0 }] }),
);

describe('a day of a host that was asked by fetch --serve, and is asked by its state directory now', () => {
  let store: Store;
  let host: CollectedDays;
  let events: LogEvent[];

  beforeEach(async () => {
    ({ store } = await CollectedDays.make());
    host = await CollectedDays.make();
    events = [];
  });

  const log = (event: LogEvent): void => void events.push(event);

  function served({ store: of }: CollectedDays, failing: readonly string[] = []): StateSource {
    const options = { store: of, day: DAY, log };
    return fetcherSource(
      {
        name: 'ssh mx1 tlsrpt fetch --serve',
        ask: ([, domain]) => {
          if (failing.includes(domain ?? '')) return Promise.resolve({ kind: 'unreachable', why: 'it ended with 1' });
          const text = domain === undefined ? serveDomainList(options, MORNING_MS) : serveDomain(options, domain);
          return Promise.resolve({ kind: 'answered', text });
        },
      },
      { store, log, clock: { nowMs: () => MORNING_MS }, pause: () => Promise.resolve() },
    );
  }

  async function results(...sources: readonly StateSource[]): Promise<string[]> {
    const rows = await fetchDay({ store, day: DAY, partial: false, sources, log });
    return rows.map(({ result }) => result);
  }

  const sessions = (): Promise<number> => sessionsOn(store.path, DAY);

  it.each([
    ['sessions without a record', [...seen('a.example', 3), WITHOUT_RECORD], 4],
    [
      'failures that libtlsrpt has no number for',
      [makeDatagram({ domain: 'a.example', failures: [{ code: 999 }] })],
      1,
    ],
  ])('counts once with %s', async (_, datagrams, times) => {
    host.collect(datagrams);
    expect(await results(served(host))).toEqual(['fetched']);
    expect(await results(directorySource(host.store.path))).toEqual(['fetched']);
    expect(await sessions()).toBe(times);
    expect(events.map(({ name }) => name)).toContain('source-reached-twice');
  });

  it('counts once with all that was recorded', async () => {
    host.collect([...recordedDatagrams(), WITHOUT_RECORD]);
    await results(served(host));
    await results(directorySource(host.store.path));
    expect(store.fetched.folders().flatMap((folder) => store.fetched.days(folder))).toEqual([DAY]);
  });

  it('counts once where an old collector was moved into the day in between, also later', async () => {
    host.collect([...seen('a.example', 3), WITHOUT_RECORD]);
    expect(await results(served(host))).toEqual(['fetched']);
    expect((await moved(await install({ yesterday: seen('a.example', 5) }), host.store.path)).code).toBe(0);
    expect((await moved(await install({ yesterday: seen('a.example', 6) }), host.store.path)).code).toBe(0);
    expect(await results(directorySource(host.store.path))).toEqual(['fetched']);
    expect(await sessions()).toBe(4 + 6);
  });

  it('counts once where there was no answer about some domains', async () => {
    host.collect([...seen('a.example', 3), ...seen('c.example', 2)]);
    expect(await results(served(host, ['c.example']))).toEqual(['fetched']);
    expect(await results(directorySource(host.store.path))).toEqual(['fetched']);
    expect(await sessions()).toBe(5);
  });

  it('stays beside the day of another host that saw more of the same, where there was no answer about some domains', async () => {
    host.collect([...seen('a.example', 3), ...seen('c.example', 2)]);
    const other = await CollectedDays.make();
    other.collect(seen('a.example', 50));
    expect(await results(served(host, ['c.example']))).toEqual(['fetched']);
    expect(await results(directorySource(other.store.path))).toEqual(['fetched']);
    expect(await sessions()).toBe(3 + 50);
  });
});

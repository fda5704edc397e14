import { beforeEach, describe, expect, it } from 'vitest';
import { directorySource } from '#adapters/directory/directory-source.ts';
import type { LogEvent } from '#events/event.ts';
import { fetchDay } from '#pipeline/fetch/fetch-day.ts';
import type { StateSource } from '#pipeline/fetch/state-source.ts';
import type { Store } from '#store/store.ts';
import { fetcherSource } from '#sys4/fetcher-source.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { install, moved, seen, sessionsOn } from '#test/support/sys4-installation.ts';
import { sys4Collect, sys4Domain, sys4List } from '#test/support/sys4.ts';

const FETCHER = 'ssh mx1 tlsrpt-fetcher';
const YESTERDAY = [...seen('a.example', 3), ...seen('b.example', 4), ...seen('c.example', 5)];
const ODD = [...YESTERDAY, ...seen('under_score.example', 2), ...seen('[192.0.2.7]', 1)];

describe('a day of a fetcher that does not answer about all domains', () => {
  let store: Store;
  let events: LogEvent[];
  let asked: string[];

  beforeEach(async () => {
    ({ store } = await CollectedDays.make());
    [events, asked] = [[], []];
  });

  function fetcher(
    datagrams: readonly Buffer[],
    failing: readonly string[] = [],
    name = FETCHER,
    odd: Readonly<Record<string, string>> = {},
  ): StateSource {
    const tally = sys4Collect(datagrams);
    const ask = ([, domain]: readonly string[]): string =>
      domain === undefined ? sys4List(tally, DAY) : (odd[domain] ?? sys4Domain(tally, domain));
    return fetcherSource(
      {
        name,
        ask: (words) => {
          asked.push(words.join(' '));
          const fails = failing.includes(words[1] ?? '');
          return Promise.resolve(
            fails ? { kind: 'unreachable', why: 'it ended with 1' } : { kind: 'answered', text: ask(words) },
          );
        },
      },
      { store, log, clock: { nowMs: () => Date.UTC(2026, 10, 20, 0, 10) }, pause: () => Promise.resolve() },
    );
  }

  const log = (event: LogEvent): void => void events.push(event);

  async function results(sources: readonly StateSource[], configured: readonly string[] = []): Promise<unknown> {
    const rows = await fetchDay({ store, day: DAY, partial: false, sources, configured, log });
    return rows.map(({ result }) => result);
  }

  async function changedOver(datagrams: readonly Buffer[]): Promise<StateSource> {
    const host = await CollectedDays.make();
    expect((await moved(await install({ yesterday: datagrams }), host.store.path)).code).toBe(0);
    return directorySource(host.store.path);
  }

  const sessions = (): Promise<number> => sessionsOn(store.path, DAY);

  it('counts once where the old collector saw names that are no domain names, when its host has changed over', async () => {
    expect(await results([fetcher(ODD)])).toEqual(['fetched']);
    expect(await results([await changedOver(ODD)])).toEqual(['fetched']);
    expect(await sessions()).toBe(12);
    expect(events.map(({ name }) => name)).toContain('source-reached-twice');
  });

  it('is not kept beside what was moved here, where there were such names', async () => {
    await moved(await install({ yesterday: ODD }), store.path);
    expect(await results([fetcher(ODD, [], 'tlsrpt-fetcher')])).toEqual(['identity-conflict']);
    expect(await sessions()).toBe(12);
  });

  it('gives way to the whole day once its host has changed over, which is said', async () => {
    expect(await results([fetcher(YESTERDAY, ['b.example'])])).toEqual(['fetched']);
    expect(await sessions()).toBe(8);
    expect(await results([await changedOver(YESTERDAY)])).toEqual(['fetched']);
    expect(await sessions()).toBe(12);
    expect(events.map(({ name }) => name)).toContain('source-reached-twice');
  });

  it('stays where it has something that the day of the other host has not', async () => {
    await results([fetcher(YESTERDAY, ['b.example'])]);
    await results([await changedOver(seen('a.example', 9))]);
    expect(await sessions()).toBe(8 + 9);
  });

  it('stays where it is whole, and lies within the day of another host all the same', async () => {
    await results([fetcher(seen('a.example', 3))]);
    await results([await changedOver(YESTERDAY)]);
    expect(await sessions()).toBe(3 + 12);
  });

  it('is not kept beside what was moved here, by a program that reads this host', async () => {
    await moved(await install({ yesterday: YESTERDAY }), store.path);
    expect(await results([fetcher(YESTERDAY, ['b.example'], 'tlsrpt-fetcher')])).toEqual(['identity-conflict']);
    expect(events.map(({ name }) => name)).toEqual(['day-moved-before']);
    expect(await sessions()).toBe(12);
  });

  it('is asked for by the next run, until all of it is here', async () => {
    await results([fetcher(YESTERDAY, ['b.example'])]);
    expect(await results([fetcher(YESTERDAY)])).toEqual(['fetched']);
    expect(await sessions()).toBe(12);
    asked.length = 0;
    expect(await results([fetcher(YESTERDAY)])).toEqual(['already-fetched']);
    expect(asked).toEqual([]);
  });

  it.each([
    ['the same', ['b.example']],
    ['another one', ['c.example']],
    ['all', ['a.example', 'b.example', 'c.example']],
  ])('stays as it is as long as the fetcher fails about %s', async (_, failing) => {
    await results([fetcher(YESTERDAY, ['b.example'])]);
    expect(await results([fetcher(YESTERDAY, failing)])).toEqual(['already-fetched']);
    expect(await sessions()).toBe(8);
  });

  it('is asked about nothing but what is missing, which is named again, as long as there is no answer about that', async () => {
    await results([fetcher(YESTERDAY, ['b.example'])]);
    [asked.length, events.length] = [0, 0];
    expect(await results([fetcher(YESTERDAY, ['b.example'])])).toEqual(['already-fetched']);
    expect(new Set(asked)).toEqual(new Set([DAY, `${DAY} b.example`]));
    expect(events.map(({ name, message }) => [name, message.includes('"b.example", about which')])).toEqual([
      ['sessions-left-out', true],
    ]);
  });

  it('is asked about nothing but what is missing also where a domain of that has an answer of which nothing counts', async () => {
    const odd = '{"d":"b.example","policies":{"v=TLSRPTv1":{"{}":{"cntrtotal":1,"cntrfailure":2,"failures":{}}}}}';
    const answers = { 'b.example': odd };
    await results([fetcher(YESTERDAY, ['c.example'], FETCHER, answers)]);
    [asked.length, events.length] = [0, 0];
    expect(await results([fetcher(YESTERDAY, ['c.example'], FETCHER, answers)])).toEqual(['already-fetched']);
    expect(new Set(asked)).toEqual(new Set([DAY, `${DAY} b.example`, `${DAY} c.example`]));
    expect(events.map(({ message }) => message)).toEqual([
      expect.stringMatching(/2 failed of 1 sessions.*"c\.example", about which there is no answer/),
    ]);
  });
});

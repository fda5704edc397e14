import { beforeAll, describe, expect, it } from 'vitest';
import { directorySource } from '#adapters/directory/directory-source.ts';
import type { LogEvent } from '#events/event.ts';
import { fetchDay } from '#pipeline/fetch/fetch-day.ts';
import type { FetchSummary } from '#pipeline/fetch/fetch-day.ts';
import type { StateSource } from '#pipeline/fetch/state-source.ts';
import type { Fetcher, FetcherAnswer } from '#sys4/fetcher.ts';
import { fetcherSource } from '#sys4/fetcher-source.ts';
import type { DatabaseContext } from '#store/durable/database-file.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { SessionDayReader } from '#store/sessions/session-day.ts';
import { StateDirectory } from '#store/state-directory.ts';
import { systemDisk } from '#support/disk.ts';
import { isUsableDomain } from '#tlsrpt/domain-name.ts';
import { mergePolicyTallies } from '#tlsrpt/tally.ts';
import type { DomainTally, PolicyTally } from '#tlsrpt/tally.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { makeDatagram, recordedDatagrams } from '#test/support/datagrams.ts';
import { writeDay } from '#test/support/day-files.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { isCountedAlike, sys4Collect, sys4Domain, sys4List } from '#test/support/sys4.ts';
import type { Sys4Tally } from '#test/support/sys4.ts';

const NAME = 'ssh mx1 tlsrpt-fetcher';

let context: DatabaseContext;

beforeAll(async () => {
  context = { sqlite: await loadSqlite(), disk: systemDisk };
});

class Fetching {
  readonly days: CollectedDays;
  readonly logged: LogEvent[] = [];
  readonly asked: string[] = [];

  private constructor(days: CollectedDays) {
    this.days = days;
  }

  pauses = 0;

  /** As the lists of these tests say. */
  nowMs = Date.UTC(2026, 10, 20, 0, 10);

  static async make(): Promise<Fetching> {
    return new Fetching(await CollectedDays.make());
  }

  run(
    answer: (words: readonly string[]) => FetcherAnswer,
    { name = NAME, first = [] }: { readonly name?: string; readonly first?: readonly StateSource[] } = {},
  ): Promise<FetchSummary> {
    const fetcher: Fetcher = {
      name,
      ask: (words) => {
        this.asked.push(words.join(' '));
        return Promise.resolve(answer(words));
      },
    };
    const { store } = this.days;
    const log = (event: LogEvent): unknown => this.logged.push(event);
    const pause = (): Promise<void> => {
      this.pauses += 1;
      return Promise.resolve();
    };
    const sources = [...first, fetcherSource(fetcher, { store, log, clock: { nowMs: () => this.nowMs }, pause })];
    return fetchDay({ store, day: DAY, partial: false, sources, log });
  }

  fetched(): Map<string, PolicyTally[]> {
    const { fetched } = this.days.store;
    return policiesIn(fetched.read(fetched.folderOf(NAME), DAY));
  }
}

/** By domain and record. */
function policiesIn(reader: SessionDayReader | undefined): Map<string, PolicyTally[]> {
  const tallies: DomainTally[] = [...(reader?.domainTallies() ?? [])];
  reader?.close();
  return new Map(
    tallies.map(({ domain, record, policies }) => [`${domain} ${record ?? ''}`, mergePolicyTallies(policies)]),
  );
}

function answering(tally: Sys4Tally, latestCompleteDay: string = DAY): (words: readonly string[]) => FetcherAnswer {
  return ([, domain]) => ({
    kind: 'answered',
    text: domain === undefined ? sys4List(tally, latestCompleteDay) : sys4Domain(tally, domain),
  });
}

const TWO = sys4Collect(['a.example', 'a.example', 'b.example'].map((domain) => makeDatagram({ domain })));

/** A state directory whose day says that `origin` collected it. */
function peerOf(origin: string): StateSource {
  const path = scratchDirectory();
  const state = new StateDirectory(path);
  const datagrams = [makeDatagram({ domain: 'peer.example' })];
  writeDay(context, { stem: state.sessionStem(DAY), identity: { day: DAY, origin }, datagrams, ending: 'closed' });
  return directorySource(path);
}

describe('fetcherSource', () => {
  it('reads of every recorded datagram with a domain name what collect makes of it', async () => {
    const fetching = await Fetching.make();
    const datagrams = recordedDatagrams().filter(isCountedAlike);
    fetching.days.collect(datagrams);
    expect(await fetching.run(answering(sys4Collect(datagrams)))).toEqual([{ source: NAME, result: 'fetched' }]);
    const all = policiesIn(fetching.days.store.sessions.read(DAY));
    const collected = new Map([...all].filter(([key]) => isUsableDomain(key.split(' ')[0] ?? '')));
    expect(collected.size).toBeGreaterThan(5);
    expect(fetching.fetched()).toEqual(collected);
  });

  it.each([
    [61_000, 'is 61 s behind that of this host'],
    [-3_600_000, 'is 3600 s ahead of that of this host'],
    [59_000, undefined],
    [-59_000, undefined],
  ])('warns where the clock of its host is off by more than a minute: ours %i ms ahead', async (aheadMs, why) => {
    const fetching = await Fetching.make();
    fetching.nowMs += aheadMs;
    await fetching.run(answering(TWO));
    const told = fetching.logged.filter(({ name }) => name === 'source-clock-off').map(({ message }) => message);
    expect(told).toEqual(why === undefined ? [] : [expect.stringContaining(why)]);
  });

  it('asks for the list, and for each domain once', async () => {
    const fetching = await Fetching.make();
    await fetching.run(answering(TWO));
    expect(fetching.asked.sort()).toEqual([DAY, `${DAY} a.example`, `${DAY} b.example`]);
    expect(fetching.fetched().size).toBe(2);
  });

  it('does not ask again for what is here', async () => {
    const fetching = await Fetching.make();
    await fetching.run(answering(TWO));
    fetching.asked.length = 0;
    expect(await fetching.run(answering(TWO))).toEqual([{ source: NAME, result: 'already-fetched' }]);
    expect(fetching.asked).toEqual([]);
  });

  it('waits when the latest complete day is an earlier one', async () => {
    const fetching = await Fetching.make();
    expect(await fetching.run(answering(TWO, '2026-11-18'))).toEqual([{ source: NAME, result: 'not-closed' }]);
    expect(fetching.fetched().size).toBe(0);
  });

  it('says that a host without domains has nothing', async () => {
    const fetching = await Fetching.make();
    expect(await fetching.run(answering(new Map()))).toEqual([{ source: NAME, result: 'absent' }]);
  });

  it.each([
    ['its name', NAME, NAME, 'damaged'],
    ['its name, which could be an identity', 'tlsrpt-fetcher', 'tlsrpt-fetcher', 'fetched'],
    ['what its days say', NAME, `source:${NAME}`, 'damaged'],
  ])('is not shut out by a peer whose day carries %s', async (_, name, origin, ofPeer) => {
    const fetching = await Fetching.make();
    expect(await fetching.run(answering(TWO), { name, first: [peerOf(origin)] })).toMatchObject([
      { result: ofPeer },
      { source: name, result: 'fetched' },
    ]);
  });

  it('never makes an argument of what is no domain name, and tells of it', async () => {
    const fetching = await Fetching.make();
    const hostile = sys4Collect(
      ['a.example', '-oProxyCommand=reboot', '$(reboot).example'].map((domain) => makeDatagram({ domain })),
    );
    expect(await fetching.run(answering(hostile))).toMatchObject([{ result: 'fetched' }]);
    expect(fetching.asked.sort()).toEqual([DAY, `${DAY} a.example`]);
    expect(fetching.logged.map(({ name }) => name)).toContain('names-left-out');
  });

  it('says that the day is gone when the latest complete one is a later day', async () => {
    const fetching = await Fetching.make();
    expect(await fetching.run(answering(new Map(), '2026-11-20'))).toMatchObject([
      { result: 'gone', why: expect.stringContaining('2026-11-20') as string },
    ]);
    expect(fetching.fetched().size).toBe(0);
  });

  it('takes what there is of the day beside a later one, as where the collector was restarted over midnight', async () => {
    const fetching = await Fetching.make();
    expect(await fetching.run(answering(TWO, '2026-11-20'))).toMatchObject([{ result: 'fetched' }]);
    expect(fetching.fetched().size).toBe(2);
  });

  /** Answers about the domains that are named fail so many times. */
  function failingAbout(domains: readonly string[], most: number): (words: readonly string[]) => FetcherAnswer {
    const left = new Map(domains.map((domain) => [domain, most]));
    return (words) => {
      const more = left.get(words[1] ?? '') ?? 0;
      if (more === 0) return answering(TWO)(words);
      left.set(words[1] ?? '', more - 1);
      return { kind: 'unreachable', why: 'it ended with 1' };
    };
  }

  it('asks again when an answer fails, after a pause each time', async () => {
    const fetching = await Fetching.make();
    await fetching.run(failingAbout(['b.example'], 2));
    expect([fetching.fetched().size, fetching.pauses]).toEqual([2, 2]);
    expect(fetching.logged.map(({ name }) => name)).toEqual(['day-fetched']);
  });

  it('leaves out a domain about which it fails again and again, and names it', async () => {
    const fetching = await Fetching.make();
    expect(await fetching.run(failingAbout(['b.example'], 99))).toEqual([{ source: NAME, result: 'fetched' }]);
    expect([...fetching.fetched().keys()]).toEqual([expect.stringContaining('a.example')]);
    expect(fetching.logged.find(({ name }) => name === 'sessions-left-out')?.message).toContain(
      '"b.example", about which there is no answer (it ended with 1)',
    );
  });

  it('leaves out a domain that it named and of which it has nothing, as after midnight, and names it', async () => {
    const fetching = await Fetching.make();
    const answer = (words: readonly string[]): FetcherAnswer =>
      words[1] === 'b.example'
        ? { kind: 'answered', text: '{"d": "b.example", "policies": {}}\n' }
        : answering(TWO)(words);
    expect(await fetching.run(answer)).toEqual([{ source: NAME, result: 'fetched' }]);
    expect(fetching.logged.find(({ name }) => name === 'sessions-left-out')?.message).toContain(
      '"b.example", about which',
    );
    expect(await fetching.run(answering(TWO))).toEqual([{ source: NAME, result: 'fetched' }]);
    expect(fetching.fetched().size).toBe(2);
  });

  it('keeps nothing when it fails about all domains, or does not answer any more in the end', async () => {
    const fetching = await Fetching.make();
    const unreachable = [{ source: NAME, result: 'unreachable', why: 'it ended with 1', isGivenUp: true }];
    expect(await fetching.run(failingAbout(['a.example', 'b.example'], 99))).toEqual(unreachable);
    const failing = failingAbout(['b.example'], 99);
    let lists = 0;
    const ended = await fetching.run((words) =>
      words.length === 1 && (lists += 1) > 1 ? { kind: 'unreachable', why: 'it ended with 1' } : failing(words),
    );
    expect(ended).toEqual(unreachable);
    expect(fetching.fetched().size).toBe(0);
  });

  it.each<[string, (text: string) => string]>([
    ['that is no JSON', (text) => text.slice(1)],
    ['about another domain', (text) => text.replace('"d":"b.example"', '"d":"c.example"')],
  ])('leaves out an answer %s, and names the domain', async (_, spoil) => {
    const fetching = await Fetching.make();
    const summary = await fetching.run((words) => {
      const answer = answering(TWO)(words);
      return answer.kind === 'answered' && words[1] === 'b.example'
        ? { kind: 'answered', text: spoil(answer.text) }
        : answer;
    });
    expect(summary).toEqual([{ source: NAME, result: 'fetched' }]);
    expect(fetching.fetched().size).toBe(1);
    expect(fetching.logged.find(({ name }) => name === 'sessions-left-out')?.message).toContain('b.example');
  });

  it.each<[string, (text: string) => string]>([
    ['a list that is cut off', (text) => text.slice(0, -3)],
    ['another version', (text) => text.replace('v1devel-c', 'v2')],
    ['domains that are no JSON', (text) => text.replace('{"d"', '{d')],
  ])('keeps nothing of %s, and all of it the next time', async (_, spoil) => {
    const fetching = await Fetching.make();
    const answer = answering(TWO);
    const spoilt = (words: readonly string[]): FetcherAnswer => {
      const told = answer(words);
      return told.kind === 'answered' ? { kind: 'answered', text: spoil(told.text) } : told;
    };
    expect(await fetching.run(spoilt)).toMatchObject([{ result: 'damaged' }]);
    expect(fetching.fetched().size).toBe(0);
    expect(await fetching.run(answer)).toEqual([{ source: NAME, result: 'fetched' }]);
  });
});

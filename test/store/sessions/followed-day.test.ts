import { copyFileSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Store } from '#store/store.ts';
import type { DayNews, FollowedDay } from '#store/sessions/followed-day.ts';
import { systemDisk } from '#support/disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { WatchedHost } from '#test/support/watched-host.ts';

const DAY = '2026-11-18' as UtcDay;
/** Everything is one watched domain, but for strangers. */
const WATCHED_IDS = {
  ofPolicy: (domain: string): number => (domain.startsWith('stranger') ? 0 : 1),
  ofFailure: (watchedId: number): number => watchedId,
};

async function followed(host: WatchedHost, isNew = false, disk = systemDisk): Promise<FollowedDay> {
  const store = await Store.open(host.path, disk);
  return store.sessions.follow(DAY, WATCHED_IDS, isNew);
}

function make(): Promise<WatchedHost> {
  return WatchedHost.make(new ManualClock(`${DAY}T12:00:00Z`));
}

/** Sessions of the watched domain: those that were successful, those that failed, and failures. */
function sums({ counts, failures }: DayNews): readonly [number, number, number] {
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  return [
    sum(counts.map(({ successful }) => successful)),
    sum(counts.map(({ failed }) => failed)),
    sum(failures.map(({ sessions }) => sessions)),
  ];
}

describe('A day that is followed', () => {
  it('has what was there as the past, and then what comes, each once', async () => {
    const host = await make();
    host.see({ domain: 'a.example', times: 3 });
    await host.write();
    const day = await followed(host);
    const first = day.read();
    expect([first.isPast, first.datagrams, sums(first)]).toEqual([true, 3, [3, 0, 0]]);
    expect(day.read()).toEqual({
      isPast: false,
      datagrams: 0,
      counts: [],
      failures: [],
      isBehind: false,
      hasGap: false,
    });
    host.see({ domain: 'a.example', times: 2 });
    host.see({ domain: 'a.example', code: 204, reason: 'expired\u0007' });
    host.see({ domain: 'stranger.example', code: 204 });
    await host.write();
    const second = day.read();
    expect([second.isPast, second.datagrams, sums(second)]).toEqual([false, 4, [2, 1, 1]]);
    expect(second.failures[0]?.example).toEqual({
      resultType: 'certificate-expired',
      policyType: 'no-policy-found',
      policyDomain: 'a.example',
      receivingMxHostname: 'mx.a.example',
      receivingIp: '192.0.2.25',
      failureReasonCode: 'expired',
    });
    expect(sums(day.read())).toEqual([0, 0, 0]);
    day.close();
  });

  it('goes on over a checkpoint, another run of the collector, and midnight, without losing or repeating anything', async () => {
    const host = await make();
    host.see({ domain: 'a.example', code: 204 });
    await host.checkpoint();
    const day = await followed(host);
    expect(sums(day.read())).toEqual([0, 0, 0]); // the snapshot has it
    host.see({ domain: 'a.example', code: 204, times: 2 });
    await host.checkpoint();
    host.see({ domain: 'a.example', code: 204, times: 4 });
    await host.restartCollector();
    host.see({ domain: 'b.example', times: 8 });
    host.see({ domain: 'a.example', code: 204, times: 16 });
    await host.write();
    const news = day.read();
    expect([news.isPast, sums(news)]).toEqual([false, [8, 22, 22]]);
    host.see({ domain: 'a.example' });
    await host.closeDay();
    expect(sums(day.read())).toEqual([1, 0, 0]);
    expect([day.read().isBehind, day.read().hasGap]).toEqual([false, false]);
    day.close();
  });

  it('that began while days were followed has no past', async () => {
    const host = await make();
    const day = await followed(host, true);
    host.see({ domain: 'a.example', code: 204 });
    await host.write();
    expect([day.read().isPast, sums(day.read())]).toEqual([false, [0, 0, 0]]);
    day.close();
  });

  it('says that journals were removed before they were read, and begins anew behind them', async () => {
    const host = await make();
    host.see({ domain: 'a.example' });
    await host.write();
    const day = await followed(host);
    day.read();
    day.close(); // as if it had been read to the end, and left
    for (let round = 1; round <= 2; round += 1) {
      host.see({ domain: 'a.example', times: 5 });
      await host.checkpoint();
      await host.restartCollector();
    }
    host.see({ domain: 'a.example', times: 7 });
    await host.write();
    removeFirstJournals(host);
    const gap = day.read();
    expect([gap.hasGap, gap.isBehind, sums(gap)]).toEqual([true, true, [0, 0, 0]]);
    const past = day.read();
    expect([past.isPast, sums(past)]).toEqual([true, [7, 0, 0]]);
    host.see({ domain: 'a.example' });
    await host.write();
    expect([day.read().isPast, day.read().isPast]).toEqual([false, false]);
    day.close();
  });

  it('waits for a frame that is written only in part', async () => {
    const host = await make();
    host.see({ domain: 'a.example' });
    await host.write();
    const day = await followed(host);
    day.read();
    host.see({ domain: 'a.example', times: 2 });
    await host.write();
    const [journal = ''] = journalsOf(host);
    const [whole, part] = [`${journal}.whole`, systemDisk.status(journal)?.sizeBytes ?? 0];
    copyFileSync(journal, whole);
    truncateSync(journal, part - 4);
    expect(sums(day.read())).toEqual([0, 0, 0]);
    writeFileSync(journal, readFileSync(whole));
    expect(sums(day.read())).toEqual([2, 0, 0]);
    day.close();
  });

  it('loses nothing to a call of the disk that fails, whichever it is', async () => {
    for (let failing = 1; failing <= 40; failing += 1) {
      const host = await make();
      host.see({ domain: 'a.example', code: 204 });
      await host.checkpoint();
      host.see({ domain: 'a.example', times: 2 });
      await host.write();
      const disk = failingOnce(failing);
      const day = await followed(host, true, disk);
      let seen = 0;
      for (let look = 1; look <= 3; look += 1) seen += successesOf(day);
      expect([failing, seen]).toEqual([failing, 2]);
      day.close();
    }
  });
});

function successesOf(day: FollowedDay): number {
  try {
    return sums(day.read())[0];
  } catch {
    return 0;
  }
}

function failingOnce(failing: number): typeof systemDisk {
  let calls = 0;
  const fail = (): void => {
    calls += 1;
    if (calls === failing) throw Object.assign(new Error('EIO'), { code: 'EIO' });
  };
  return {
    ...systemDisk,
    open: (...words) => {
      fail();
      return systemDisk.open(...words);
    },
    read: (...words) => {
      fail();
      return systemDisk.read(...words);
    },
    list: (path) => {
      fail();
      return systemDisk.list(path);
    },
    status: (path) => {
      fail();
      return systemDisk.status(path);
    },
    statusOf: (fd) => {
      fail();
      return systemDisk.statusOf(fd);
    },
  };
}

function journalsOf(host: WatchedHost): string[] {
  const folder = join(host.path, 'sessions');
  const names = readdirSync(folder).filter((name) => name.endsWith('.journal'));
  return names.sort().map((name) => join(folder, name));
}

/** All but the last. */
function removeFirstJournals(host: WatchedHost): void {
  for (const path of journalsOf(host).slice(0, -1)) rmSync(path);
}

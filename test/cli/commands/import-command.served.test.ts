import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { systemDisk } from '#support/disk.ts';
import { CollectedDays, DAY, MORNING_MS } from '#test/support/collected-days.ts';
import { tallyDay, writeDay } from '#test/support/day-files.ts';
import { run } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { install, moved, seen, sessionsOn, TODAY } from '#test/support/sys4-installation.ts';
import { readSys4Domain, readSys4List } from '#test/support/sys4.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const TOMORROW_MS = MORNING_MS + 86_400_000;

/** As tlsrpt-reportd on another host reads it. */
async function served(stateDir: string, day: UtcDay, nowMs: number): Promise<unknown> {
  const list = readSys4List((await run(['fetch', '--serve', day], { stateDir, nowMs })).stdout);
  const counts = [];
  for (const domain of list.domains) {
    const { policies } = readSys4Domain((await run(['fetch', '--serve', day, domain], { stateDir, nowMs })).stdout);
    counts.push([domain, policies.reduce((sum, { count }) => sum + count.cntrtotal, 0)]);
  }
  return { latest: list.latestCompleteDay, counts };
}

/** As our fetch on another host reads it. */
async function fetched(stateDir: string, day: UtcDay, nowMs: number): Promise<number> {
  const there = scratchDirectory();
  await run(['fetch', stateDir, '--day', day], { stateDir: there, nowMs });
  return sessionsOn(there, day);
}

describe('a host that others fetch from, after tlsrpt import sys4 in mid-day', () => {
  it('gives yesterday at once, to reporters of either kind', async () => {
    const directory = await install({ yesterday: seen('a.example', 3), fetchers: '' });
    const { store } = await CollectedDays.make();
    expect(await moved(directory, store.path)).toMatchObject({ code: 0, stderr: '' });
    expect(await served(store.path, DAY, MORNING_MS)).toEqual({ latest: DAY, counts: [['a.example', 3]] });
    expect(await fetched(store.path, DAY, MORNING_MS)).toBe(3);
  });

  it('gives the day of the change once it is over, each session once, also after further runs', async () => {
    const directory = await install({ today: seen('a.example', 3), fetchers: '' });
    const { store } = await CollectedDays.make();
    const context = { sqlite: await loadSqlite(), disk: systemDisk };
    const stem = join(store.path, 'sessions', TODAY);
    const identity = { day: TODAY, origin: store.identity() };
    writeDay(context, { stem, identity, datagrams: seen('a.example', 5), ending: 'open' });
    for (let runs = 0; runs < 2; runs += 1)
      expect(await moved(directory, store.path)).toMatchObject({ code: 0, stderr: '' });
    expect(await served(store.path, TODAY, MORNING_MS)).toEqual({ latest: DAY, counts: [] });
    tallyDay(context, stem, 'closed');
    expect(await moved(directory, store.path)).toMatchObject({ code: 0, stderr: '' });
    expect(await served(store.path, TODAY, TOMORROW_MS)).toEqual({ latest: TODAY, counts: [['a.example', 8]] });
    expect(await fetched(store.path, TODAY, TOMORROW_MS)).toBe(8);
    expect(await sessionsOn(store.path, TODAY)).toBe(8);
  });

  it('says what becomes of each fetcher, and why', async () => {
    const fetchers = 'fetchers = tlsrpt-fetcher, ssh mx1 tlsrpt-fetcher, sudo pct exec 101 -- tlsrpt-fetcher';
    const directory = await install({ fetchers });
    const { store } = await CollectedDays.make();
    const said = ['--other-fetcher', 'sudo pct exec 101 -- tlsrpt-fetcher'];
    const { code, stdout } = await moved(directory, store.path, '--dry-run', ...said);
    expect(code).toBe(0);
    expect(stdout.split('\n').filter((line) => line.startsWith('fetcher '))).toEqual([
      'fetcher tlsrpt-fetcher: replaced, since it reads the collector that tlsrpt collect takes the place of',
      'fetcher ssh mx1 tlsrpt-fetcher: kept in fetch.sources, since it runs on mx1',
      'fetcher sudo pct exec 101 -- tlsrpt-fetcher: kept in fetch.sources, since that was said on the command line',
    ]);
  });

  it('names the sources to be taken out of a configuration that is there already', async () => {
    const directory = await install({});
    const { store } = await CollectedDays.make();
    await moved(directory, store.path);
    const words = ['import', 'sys4', '--from', directory, '--to', join(directory, 'tlsrpt.toml')];
    const { stdout } = await run(words, {
      stateDir: store.path,
      configuration: '[fetch]\nsources = ["tlsrpt-fetcher"]\n',
    });
    expect(stdout).toContain('source tlsrpt-fetcher: take it out of fetch.sources, since it reads the collector');
  });
});

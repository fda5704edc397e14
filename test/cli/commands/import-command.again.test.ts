import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { localFile } from '#adapters/directory/local-file.ts';
import { fetchDay } from '#pipeline/fetch/fetch-day.ts';
import { Store } from '#store/store.ts';
import { sys4Source } from '#sys4/sys4-source.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { CollectedDays, DAY, MORNING_MS } from '#test/support/collected-days.ts';
import { run } from '#test/support/run-program.ts';
import { built, deliveriesOn, install, moved, seen, sessionsOn, TODAY } from '#test/support/sys4-installation.ts';
import { reportdDatabase } from '#test/support/sys4-reportd.ts';
import { sys4Collect, sys4Database } from '#test/support/sys4.ts';

async function collectsUntil(path: string, day: UtcDay, times: number): Promise<void> {
  writeFileSync(path, await sys4Database(sys4Collect(seen('a.example', times)), { day, complete: false }));
}

/** As it was fetched from `source` while the old collector was at work. */
async function fetchedBefore(store: Store, path: string, source: string): Promise<void> {
  const sources = [sys4Source({ ...localFile(path), name: source }, store, { isWritten: false })];
  await fetchDay({ store, day: DAY, partial: false, sources, log: () => undefined });
}

describe('tlsrpt import sys4, run again after the old collector counted on', () => {
  it('takes what came since', async () => {
    const directory = await install({ today: seen('a.example', 2) });
    const { store } = await CollectedDays.make();
    await moved(directory, store.path);
    await collectsUntil(join(directory, 'collectd.sqlite'), TODAY, 5);
    const { code, stdout } = await moved(directory, store.path);
    expect(code).toBe(0);
    expect(stdout).toContain(`sessions of ${TODAY} in ${directory}/collectd.sqlite: moved, with what came since\n`);
    expect(await sessionsOn(store.path, TODAY)).toBe(5);
  });

  it('counts a day once that was moved in mid-day and is in the other file after midnight', async () => {
    const directory = await install({ today: seen('a.example', 2) });
    const { store } = await CollectedDays.make();
    await moved(directory, store.path);
    const storage = join(directory, 'collectd.sqlite');
    await collectsUntil(storage, TODAY, 5);
    renameSync(storage, `${storage}.yesterday`);
    expect(await moved(directory, store.path)).toMatchObject({ code: 0, stderr: '' });
    expect(await sessionsOn(store.path, TODAY)).toBe(5);
  });

  it('adds nothing of another collector that saw more, which would be short of what both saw', async () => {
    const [first, second] = [
      await install({ today: seen('a.example', 2) }),
      await install({ today: seen('a.example', 5) }),
    ];
    const other = join(second, 'collectd.sqlite');
    writeFileSync(other, readFileSync(other, 'latin1').replace('2026-01-01 00:00:00', '2026-01-02 00:00:00'), 'latin1');
    const { store } = await CollectedDays.make();
    await moved(first, store.path);
    const { code, stdout, stderr } = await moved(second, store.path);
    expect(code).toBe(65);
    expect(stdout).toContain(`sessions of ${TODAY} in ${other}: not moved\n`);
    expect(stderr).toContain(
      `warning day-not-moved: The sessions of ${TODAY} in ${other} are not moved: what was moved`,
    );
    expect(await sessionsOn(store.path, TODAY)).toBe(2);
  });

  it('keeps what is here where the database has less by now, and says so', async () => {
    const directory = await install({ today: seen('a.example', 5) });
    const { store } = await CollectedDays.make();
    await moved(directory, store.path);
    await collectsUntil(join(directory, 'collectd.sqlite'), TODAY, 2);
    const { code, stdout, stderr } = await moved(directory, store.path);
    expect(code).toBe(65);
    expect(stdout).toContain(`sessions of ${TODAY} in ${directory}/collectd.sqlite: not moved\n`);
    expect(stderr).toContain(
      `warning fewer-sessions: ${directory}/collectd.sqlite has 2 sessions of ${TODAY}, and 5 are here`,
    );
    expect(await sessionsOn(store.path, TODAY)).toBe(5);
  });

  it.each([
    ['an old fetcher of the old configuration', 'tlsrpt-fetcher', ''],
    ['a source of ours', '', '[fetch]\nsources = ["tlsrpt-fetcher"]\n'],
  ])(
    'counts a day once that was fetched before by %s, and has it among its own',
    async (_, fetchers, configuration) => {
      const directory = await install({ yesterday: seen('a.example', 3), fetchers: `fetchers = ${fetchers}` });
      const { store } = await CollectedDays.make();
      await fetchedBefore(store, join(directory, 'collectd.sqlite.yesterday'), 'tlsrpt-fetcher');
      const words = ['import', 'sys4', '--from', directory, '--to', join(directory, 'tlsrpt.toml')];
      const { code, stdout } = await run(words, { stateDir: store.path, configuration });
      expect(code).toBe(0);
      expect(stdout).toContain(`sessions of ${DAY} in ${directory}/collectd.sqlite.yesterday: moved\n`);
      expect(await sessionsOn(store.path, DAY)).toBe(3);
      const { sessions, fetched } = await Store.open(store.path);
      expect([sessions.days(), fetched.missingSources({ day: DAY, nowMs: MORNING_MS }, ['tlsrpt-fetcher'])]).toEqual([
        [DAY],
        [],
      ]);
    },
  );

  it('leaves a day where it is of which a fetcher of this host gave more of a domain, and says so', async () => {
    const directory = await install({ yesterday: seen('a.example', 3) });
    const { store } = await CollectedDays.make();
    const path = join(directory, 'collectd.sqlite.yesterday');
    await fetchedBefore(store, path, 'tlsrpt-fetcher');
    const begunAnew = sys4Collect([...seen('a.example', 2), ...seen('b.example', 9)]);
    writeFileSync(path, await sys4Database(begunAnew, { day: DAY }));
    const { code, stdout, stderr } = await moved(directory, store.path);
    expect(code).toBe(65);
    expect(stdout).toContain(`sessions of ${DAY} in ${path}: not moved\n`);
    expect(stderr).toContain(
      `warning fewer-sessions: ${path} has 11 sessions of ${DAY}, and 3 are here that "tlsrpt-fetcher" gave`,
    );
    expect(await sessionsOn(store.path, DAY)).toBe(3);
  });

  it('counts a day once that a fetcher gave before of which the operator says that it reads this host', async () => {
    const directory = await install({ yesterday: seen('a.example', 3), fetchers: 'fetchers = old-fetch' });
    const { store } = await CollectedDays.make();
    await fetchedBefore(store, join(directory, 'collectd.sqlite.yesterday'), 'old-fetch');
    expect(await moved(directory, store.path, '--own-fetcher', 'old-fetch')).toMatchObject({ code: 0, stderr: '' });
    expect(await sessionsOn(store.path, DAY)).toBe(3);
  });

  it('leaves to another host the day that it gave before, though it saw the same', async () => {
    const directory = await install({ yesterday: seen('a.example', 3), fetchers: 'fetchers = old-fetch' });
    const { store } = await CollectedDays.make();
    await fetchedBefore(store, join(directory, 'collectd.sqlite.yesterday'), 'old-fetch');
    expect(await moved(directory, store.path, '--other-fetcher', 'old-fetch')).toMatchObject({ code: 0, stderr: '' });
    expect(await sessionsOn(store.path, DAY)).toBe(6);
  });

  it('moves what a fetcher of this host with marks for a shell would have given', async () => {
    const command = 'tlsrpt-fetcher --config_file /etc/tlsrpt/f*.cfg';
    const directory = await install({ yesterday: seen('a.example', 3), fetchers: `fetchers = ${command}` });
    const { store } = await CollectedDays.make();
    expect(await moved(directory, store.path, '--own-fetcher', command)).toMatchObject({ code: 0, stderr: '' });
    expect(await sessionsOn(store.path, DAY)).toBe(3);
  });

  it('counts both where both files have a part of a day', async () => {
    const directory = await install({ yesterday: seen('a.example', 3) });
    await collectsUntil(join(directory, 'collectd.sqlite'), DAY, 2);
    const { store } = await CollectedDays.make();
    for (let runs = 0; runs < 2; runs += 1) expect(await moved(directory, store.path)).toMatchObject({ code: 0 });
    expect(await sessionsOn(store.path, DAY)).toBe(5);
  });

  it('sends nothing again that the old reporter has delivered since, and takes the reports that it has built since', async () => {
    const yesterday = [...seen('a.example', 2), ...seen('b.example', 3)];
    const waiting = { 'mailto:one@a.example': null, 'mailto:two@a.example': null, 'mailto:three@a.example': null };
    const directory = await install({ yesterday, reports: [built(yesterday, 'a.example', waiting)] });
    const { store } = await CollectedDays.make();
    await moved(directory, store.path);
    const since = { ...waiting, 'mailto:one@a.example': 'sent', 'mailto:two@a.example': 'timedout' };
    const reports = [
      built(yesterday, 'a.example', since),
      built(yesterday, 'b.example', { 'mailto:b@b.example': 'sent' }),
    ];
    writeFileSync(join(directory, 'reportd.sqlite'), await reportdDatabase(reports));
    const { code, stdout } = await moved(directory, store.path);
    expect(code).toBe(0);
    expect(stdout).toContain(
      `reports about ${DAY} in ${directory}/reportd.sqlite: moved, 2 delivered, 1 queued, 1 expired\n`,
    );
    expect(await deliveriesOn(store.path, DAY)).toEqual([
      'mailto:b@b.example delivered',
      'mailto:one@a.example delivered',
      'mailto:three@a.example queued',
      'mailto:two@a.example expired',
    ]);
    expect((await moved(directory, store.path)).stdout).toContain('moved already, 2 delivered');
  });
});

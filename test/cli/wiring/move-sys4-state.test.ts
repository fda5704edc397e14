import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { piecesOf } from '#store/sessions/piece-names.ts';
import { systemDisk } from '#support/disk.ts';
import { CollectedDays, DAY, MORNING_MS } from '#test/support/collected-days.ts';
import { counted, failedSessions } from '#test/support/moved-days.ts';
import { run } from '#test/support/run-program.ts';
import type { ProgramRun } from '#test/support/run-program.ts';
import { built, deliveriesOn, install, moved, seen, sessionsOn, TODAY } from '#test/support/sys4-installation.ts';

const DAY_MS = 86_400_000;

function reported(stateDir: string): Promise<ProgramRun> {
  return run(['report', '--day', DAY, '--contact', 'tls@sender.example'], { stateDir });
}

/** A host with something of each kind. */
async function installed(): Promise<string> {
  const yesterday = seen('a.example', 3);
  const reports = [built(yesterday, 'a.example', { 'mailto:tls@a.example': null })];
  return install({ yesterday, today: seen('a.example', 2), reports });
}

describe('tlsrpt import sys4 where one day is damaged', () => {
  it('moves the others and the reports, and says which is not moved', async () => {
    const directory = await installed();
    const { store } = await CollectedDays.make();
    const first = await install({ yesterday: seen('a.example', 1) });
    await moved(first, store.path);
    const piece = join(store.path, 'sessions', `${DAY}.moved-1.counted.sqlite`);
    writeFileSync(piece, readFileSync(piece).subarray(0, 4096));
    const { code, stdout, stderr } = await moved(directory, store.path);
    expect(code).toBe(65);
    expect(stdout).toContain(`sessions of ${DAY} in ${directory}/collectd.sqlite.yesterday: not moved\n`);
    expect(stdout).toContain(`sessions of ${TODAY} in ${directory}/collectd.sqlite: moved\n`);
    expect(stderr).toContain(
      `warning day-not-moved: The sessions of ${DAY} in ${directory}/collectd.sqlite.yesterday are not moved: ${piece}`,
    );
    expect(await sessionsOn(store.path, TODAY)).toBe(2);
    expect(await deliveriesOn(store.path, DAY)).toEqual(['mailto:tls@a.example queued']);
  });

  it('leaves the sessions of a day whose reports find no room, so that nothing that was delivered is reported again', async () => {
    const yesterday = seen('a.example', 3);
    const reports = [built(yesterday, 'a.example', { 'mailto:tls@a.example': 'sent' })];
    const directory = await install({ yesterday, today: seen('a.example', 2), reports });
    const { store } = await CollectedDays.make();
    const outbox = join(store.path, 'outbox');
    writeFileSync(outbox, 'no directory');
    const { code, stdout, stderr } = await moved(directory, store.path);
    expect(code).not.toBe(0);
    expect(stderr).toContain(`warning reports-not-moved: The reports of tlsrpt-reportd about ${DAY} are not moved: `);
    const withheld = 'not moved, as the reports about that day are not';
    expect(stdout).toContain(`sessions of ${DAY} in ${directory}/collectd.sqlite.yesterday: ${withheld}\n`);
    expect(stdout).toContain(`sessions of ${TODAY} in ${directory}/collectd.sqlite: moved\n`);
    rmSync(outbox);
    await reported(store.path);
    expect(await deliveriesOn(store.path, DAY)).toEqual([]);
    expect(await moved(directory, store.path)).toMatchObject({ code: 0, stderr: '' });
    await reported(store.path);
    expect(await sessionsOn(store.path, DAY)).toBe(3);
    expect(await deliveriesOn(store.path, DAY)).toEqual(['mailto:tls@a.example delivered']);
  });

  it('puts in what waits where another piece of the day is damaged', async () => {
    const directory = await installed();
    const { store } = await CollectedDays.make();
    for (const times of [1, 2]) store.moved.take(DAY, await counted(failedSessions('a.example', times)));
    const stem = join(store.path, 'sessions', DAY);
    writeFileSync(`${stem}.moved-1.sqlite`, readFileSync(`${stem}.moved-1.sqlite`).subarray(0, 4096));
    expect((await moved(directory, store.path)).stdout).toContain('collectd.sqlite.yesterday: not moved\n');
    expect(piecesOf(systemDisk, stem).map(({ state }) => state)).toEqual(['waiting', 'counted']);
  });

  it('says that a day is moved which counts, though its file cannot be written, and why it is not in there', async () => {
    const directory = await installed();
    const { store } = await CollectedDays.make();
    const lock = join(store.path, 'sessions', `${DAY}.lock`);
    mkdirSync(lock, { recursive: true });
    const { code, stdout, stderr } = await moved(directory, store.path);
    expect(code).toBe(73);
    expect(stdout).toContain('collectd.sqlite.yesterday: moved\n');
    expect(stderr).toContain(
      `warning moved-sessions-waiting: What was moved into ${DAY} is not in the day's file yet: `,
    );
    expect(await sessionsOn(store.path, DAY)).toBe(3);
    rmSync(lock, { recursive: true });
    expect((await moved(directory, store.path)).stdout).toContain('collectd.sqlite.yesterday: moved already\n');
    expect(piecesOf(systemDisk, join(store.path, 'sessions', DAY)).map(({ state }) => state)).toEqual(['counted']);
  });

  it('leaves the day where it is when its outbox is damaged, and moves the others', async () => {
    const directory = await installed();
    const { store } = await CollectedDays.make();
    mkdirSync(join(store.path, 'outbox'), { recursive: true });
    writeFileSync(join(store.path, 'outbox', `${DAY}.sqlite`), 'not a database');
    const { code, stderr } = await moved(directory, store.path);
    expect(code).toBe(65);
    expect(stderr).toContain(`warning reports-not-moved: The reports of tlsrpt-reportd about ${DAY} are not moved: `);
    expect([await sessionsOn(store.path, DAY), await sessionsOn(store.path, TODAY)]).toEqual([0, 2]);
  });
});

describe('tlsrpt import sys4 long after', () => {
  const later = (directory: string, stateDir: string, days: number): Promise<ProgramRun> => {
    const words = ['import', 'sys4', '--from', directory, '--to', join(directory, 'tlsrpt.toml')];
    return run(words, { stateDir, nowMs: MORNING_MS + days * DAY_MS });
  };

  it('does not move a day once more that was moved, reported and went', async () => {
    const directory = await installed();
    const { store } = await CollectedDays.make();
    await moved(directory, store.path);
    for (const folder of ['sessions', 'outbox'])
      for (const name of readdirSync(join(store.path, folder))) rmSync(join(store.path, folder, name));
    const { code, stdout, stderr } = await later(directory, store.path, 12);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const old = 'not moved, as the day is older than keep_days (10)';
    expect(stdout).toContain(`sessions of ${DAY} in ${directory}/collectd.sqlite.yesterday: ${old}\n`);
    expect(stdout).toContain(`reports about ${DAY} in ${directory}/reportd.sqlite: ${old}\n`);
    expect([await sessionsOn(store.path, DAY), await deliveriesOn(store.path, DAY)]).toEqual([0, []]);
  });

  it('goes by the keep_days of the configuration that it writes', async () => {
    const directory = await installed();
    appendFileSync(join(directory, 'reportd.cfg'), 'keep_days = 11\n');
    const { store } = await CollectedDays.make();
    expect((await later(directory, store.path, 10)).code).toBe(0);
    expect(await sessionsOn(store.path, DAY)).toBe(3);
    const { store: second } = await CollectedDays.make();
    rmSync(join(directory, 'tlsrpt.toml'));
    expect((await later(directory, second.path, 11)).stdout).toContain('keep_days (11)');
    expect(await sessionsOn(second.path, DAY)).toBe(0);
  });
});

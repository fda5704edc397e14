import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { SessionDayReader } from '#store/session-day.ts';
import { StateDirectory } from '#store/state-directory.ts';
import { failDisk, healDisk } from '#test/support/failing-disk.ts';
import { runTlsrpt } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

afterEach(healDisk);

function newState(): StateDirectory {
  return new StateDirectory(join(scratchDirectory(), 'state'));
}

function touch(...paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
  }
}

describe('The identity of a state directory', () => {
  it('is made once, with the directory, for its owner alone', () => {
    const state = newState();
    const identity = state.identity();
    expect(identity).toMatch(/^[0-9a-f-]{36}$/);
    expect(new StateDirectory(state.path).identity()).toBe(identity);
    expect(readdirSync(state.path)).toEqual(['identity']);
    expect([statSync(state.path).mode & 0o777, statSync(join(state.path, 'identity')).mode & 0o777]).toEqual([
      0o700, 0o600,
    ]);
  });

  it('is another for each directory', () => {
    expect(newState().identity()).not.toBe(newState().identity());
  });

  it('is the same for all processes that begin at once', async () => {
    const state = newState();
    const days = ['2026-01-01', '2026-01-02', '2026-01-03', '2026-01-04'] as UtcDay[];
    await Promise.all(days.map((day) => runTlsrpt(['collect', '--stdin', '--day', day, '--state-dir', state.path])));
    const sqlite = await loadSqlite();
    const origins = days.map((day) => SessionDayReader.open(sqlite, state.sessionStem(day))?.identity?.origin);
    expect(new Set(origins)).toEqual(new Set([state.identity()]));
    expect(readdirSync(state.path).sort()).toEqual(['identity', 'sessions']);
  });

  it('is that of the process that was faster', () => {
    const state = newState();
    failDisk({ call: 'openSync', errno: 'ENOENT', path: 'identity', times: 1 });
    mkdirSync(state.path, { recursive: true });
    writeFileSync(join(state.path, 'identity'), 'the faster one\n');
    expect(state.identity()).toBe('the faster one');
    expect(readdirSync(state.path)).toEqual(['identity']);
  });

  it('is a named problem when it cannot be made, and nothing of it is left', () => {
    const state = newState();
    mkdirSync(state.path);
    failDisk({ call: 'writeSync', errno: 'ENOSPC' });
    expect(() => state.identity()).toThrow(
      expect.objectContaining({
        code: 'disk-full',
        message: expect.stringContaining(join(state.path, 'identity')) as string,
      }),
    );
    expect(readdirSync(state.path)).toEqual([]);
    healDisk();
    expect(state.identity()).not.toBe('');
  });

  it('is a named problem when the directory is a file', () => {
    const state = new StateDirectory(join(scratchDirectory(), 'file'));
    writeFileSync(state.path, '');
    expect(() => state.identity()).toThrow(expect.objectContaining({ code: 'store-not-writable' }));
  });
});

describe('A state directory', () => {
  it('lists its days in order, and nothing that is no day', () => {
    const state = newState();
    expect([state.sessionDays(), state.unfinishedSessionDays(), state.outboxDays(), state.fetchedSources()]).toEqual([
      [],
      [],
      [],
      [],
    ]);
    const sessions = join(state.path, 'sessions');
    for (const name of [
      '2026-11-20.sqlite',
      '2026-11-19.sqlite',
      '2026-11-20.journal',
      '2026-11-21.7.journal',
      '2026-11-21.8.journal',
      '2026-11-22.x.journal',
      '2026-02-30.sqlite',
      'notes.sqlite',
      '.2026-11-18.sqlite.tmp',
    ])
      touch(join(sessions, name));
    touch(
      join(state.fetched, 'b', '2026-11-19.sqlite'),
      join(state.fetched, 'a', '2026-11-18.partial.sqlite'),
      join(state.fetched, '.lock'),
    );
    expect(state.sessionDays()).toEqual(['2026-11-19', '2026-11-20', '2026-11-21']);
    expect(state.unfinishedSessionDays()).toEqual(['2026-11-20', '2026-11-21']);
    expect(state.fetchedSources()).toEqual(['a', 'b']);
    expect([state.fetchedDays('a'), state.fetchedDays('b')]).toEqual([[], ['2026-11-19']]);
  });

  it('is a named problem when it cannot be read', () => {
    const state = newState();
    failDisk({ call: 'readdirSync', errno: 'EACCES' });
    expect(() => state.sessionDays()).toThrow(expect.objectContaining({ code: 'store-not-readable' }));
  });
});

describe('Removing old days', () => {
  const [old, oldest, kept] = ['2026-11-18', '2025-01-01', '2026-11-19'] as UtcDay[] as [UtcDay, UtcDay, UtcDay];

  function stemsOf(state: StateDirectory, day: UtcDay): string[] {
    return [
      state.sessionStem(day),
      state.outboxStem(day),
      state.fetchedStem('mx2', day),
      state.partialFetchedStem('mx2', day),
      state.fetchedStem('mx3', day),
    ];
  }

  function filesOf(state: StateDirectory, day: UtcDay): string[] {
    return stemsOf(state, day).flatMap((stem) =>
      ['sqlite', 'journal', '3.journal', '12.journal', 'lock'].map((extension) => `${stem}.${extension}`),
    );
  }

  it('removes every file of them and none of the others', () => {
    const state = newState();
    for (const day of [old, oldest, kept]) touch(...filesOf(state, day));
    touch(join(state.path, 'identity'), `${state.destinationsStem}.sqlite`);
    state.removeDaysBefore(kept);
    const left = execFileSync('find', [state.path, '-type', 'f'], { encoding: 'utf8' }).trim().split('\n').sort();
    expect(left).toEqual(
      [...filesOf(state, kept), join(state.path, 'identity'), `${state.destinationsStem}.sqlite`].sort(),
    );
  });

  it('removes the rest when some cannot be removed or listed, and these another time', () => {
    const state = newState();
    touch(...filesOf(state, old));
    failDisk({ call: 'rmSync', errno: 'EACCES', path: `sessions/${old}.sqlite` });
    failDisk({ call: 'readdirSync', errno: 'EACCES', path: 'fetched/mx2' });
    state.removeDaysBefore(kept);
    const left = (): string[] => filesOf(state, old).filter((path) => path.endsWith('.sqlite') && existsSync(path));
    expect(left()).toEqual(
      [state.sessionStem(old), state.fetchedStem('mx2', old), state.partialFetchedStem('mx2', old)].map(
        (stem) => `${stem}.sqlite`,
      ),
    );
    healDisk();
    state.removeDaysBefore(kept);
    expect(left()).toEqual([]);
  });

  it('does nothing where there is nothing', () => {
    const state = newState();
    state.removeDaysBefore(kept);
    expect(existsSync(state.path)).toBe(false);
    expect(() => readFileSync(state.path)).toThrow('ENOENT');
  });
});

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { StateDirectory } from '#store/state-directory.ts';
import type { IdentityChange } from '#store/state-directory.ts';
import { containProblem } from '#support/contain-problem.ts';
import { replaceFile } from '#support/durable-file.ts';
import { failDisk, healDisk } from '#test/support/failing-disk.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';

afterEach(healDisk);

function newState(): StateDirectory {
  return new StateDirectory(join(scratchDirectory(), 'state'));
}

describe('The key by which envelopes name deliveries', () => {
  it('is made once, and not by who only looks, for its owner alone', () => {
    const state = newState();
    expect(state.knownBounceKey()).toBeUndefined();
    const key = state.bounceKey();
    expect(key).toHaveLength(32);
    expect(new StateDirectory(state.path).bounceKey()).toEqual(key);
    expect(state.knownBounceKey()).toEqual(key);
    expect(newState().bounceKey()).not.toEqual(key);
    expect(statSync(join(state.path, 'bounce-key')).mode & 0o777).toBe(0o600);
  });

  it('is refused when it is not what was made', () => {
    const state = newState();
    touch(join(state.path, 'bounce-key'));
    expect(() => state.bounceKey()).toThrow(expect.objectContaining({ code: 'store-damaged' }));
  });
});

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

  it('is that of the process that is faster, at whatever moment that is', () => {
    for (let moment = 1; ; moment += 1) {
      const disk = new SimulatedDisk();
      const faster = new StateDirectory('/state', disk.forAnotherProcess());
      let made: string | undefined;
      disk.faults.policy = (_call, _path, count) => {
        if (count !== moment) return undefined;
        disk.faults.heal();
        made = faster.identity();
        return undefined;
      };
      const identity = new StateDirectory('/state', disk).identity();
      if (made === undefined) break;
      expect(identity).toBe(made);
      expect(disk.list('/state')).toEqual(['identity']);
    }
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

  it.each(['', 'garbage', '5bb31a6e-6dba-4a3f', 'x'.repeat(300)])(
    'is refused, left as it is and told without a write when it is not what was made: %j',
    (content) => {
      const state = newState();
      const file = join(state.path, 'identity');
      expect([state.identityTrouble(), existsSync(state.path)]).toEqual([undefined, false]);
      mkdirSync(state.path);
      writeFileSync(file, content);
      const problem = { code: 'store-damaged', message: expect.stringMatching(/from a backup.*remove it/) as string };
      expect(() => state.identity()).toThrow(expect.objectContaining(problem));
      expect(state.identityTrouble()).toMatchObject(problem);
      expect(readFileSync(file, 'utf8')).toBe(content);
      rmSync(file);
      state.identity();
      expect(state.identityTrouble()).toBeUndefined();
    },
  );

  it('is a named problem when the directory is a file', () => {
    const state = new StateDirectory(join(scratchDirectory(), 'file'));
    writeFileSync(state.path, '');
    expect(() => state.identity()).toThrow(expect.objectContaining({ code: 'store-not-writable' }));
  });
});

describe('A state directory on a machine', () => {
  const [HERE, ELSEWHERE] = ['1', '2'].map((digit) => digit.repeat(32));

  /** A machine with that name and a state directory; a second one gets a copy of the first one's. */
  function machine(id: string | undefined, copied?: SimulatedDisk): SimulatedDisk {
    const disk = new SimulatedDisk();
    disk.makeDirectory('/etc');
    disk.makeDirectory('/state');
    if (id !== undefined) replaceFile('/etc/machine-id', Buffer.from(`${id}\n`), disk);
    for (const name of copied?.list('/state') ?? [])
      replaceFile(`/state/${name}`, contentOf(copied ?? disk, `/state/${name}`), disk);
    return disk;
  }

  function settle(disk: SimulatedDisk): IdentityChange | undefined {
    return new StateDirectory('/state', disk).settleOnMachine();
  }

  function identityOn(disk: SimulatedDisk): string {
    return new StateDirectory('/state', disk).identity();
  }

  it('has an identity of its own when it was copied from another one', () => {
    const original = machine(HERE);
    expect(settle(original)).toBeUndefined();
    const from = identityOn(original);
    const copy = machine(ELSEWHERE, original);
    expect(settle(copy)).toEqual({ from, to: identityOn(copy) });
    expect(identityOn(copy)).not.toBe(from);
    expect(settle(copy)).toBeUndefined();
  });

  it.each([
    ['it stays where it is', HERE, HERE],
    ['no machine has a name', undefined, undefined],
    ['the other machine has no name', HERE, undefined],
    ['the name is none', HERE, 'uninitialized'],
    ['nobody knows where it was before', undefined, HERE],
  ])('keeps its identity when %s', (_, before, after) => {
    const original = machine(before);
    settle(original);
    const identity = identityOn(original);
    const later = machine(after, original);
    expect(settle(later)).toBeUndefined();
    expect(identityOn(later)).toBe(identity);
  });

  it('does not show the name of the machine', () => {
    const disk = machine(HERE);
    settle(disk);
    expect(contentOf(disk, '/state/machine').toString()).not.toContain(HERE);
  });

  it('has an identity of its own in the end, whichever call to the disk fails at first', () => {
    const original = machine(HERE);
    settle(original);
    const from = identityOn(original);
    for (let moment = 1; ; moment += 1) {
      const copy = machine(ELSEWHERE, original);
      copy.faults.failNth(moment, { errno: 'EIO' });
      containProblem(
        () => settle(copy),
        () => undefined,
      );
      const isOver = copy.faults.happened === 0;
      copy.faults.heal();
      settle(copy);
      expect(identityOn(copy)).not.toBe(from);
      if (isOver) break;
    }
  });
});

function contentOf(disk: SimulatedDisk, path: string): Buffer {
  const fd = disk.open(path, 'read');
  const bytes = Buffer.alloc(disk.statusOf(fd).sizeBytes);
  disk.read(fd, bytes, 0);
  disk.close(fd);
  return bytes;
}

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
      '2026-11-20.1.journal',
      '2026-11-23.journal',
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
    expect(state.sessionDays()).toEqual(['2026-11-19', '2026-11-20', '2026-11-21', '2026-11-23']);
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

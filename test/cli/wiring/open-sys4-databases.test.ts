import { spawn } from 'node:child_process';
import { openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { blamingDatabase, checkSys4Databases, openCollected } from '#cli/wiring/open-sys4-databases.ts';
import { Store } from '#store/store.ts';
import { processesUsing } from '#support/open-elsewhere.ts';
import { Problem } from '#support/problem.ts';
import { failDisk, healDisk } from '#test/support/failing-disk.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { seen } from '#test/support/sys4-installation.ts';
import { sys4Collect, sys4Database } from '#test/support/sys4.ts';
import { DAY } from '#test/support/collected-days.ts';
import { until } from '#test/support/until.ts';

afterEach(healDisk);

describe('checkSys4Databases', () => {
  it('names the database when the disk does not say what lies beside it', async () => {
    const path = join(scratchDirectory(), 'collectd.sqlite');
    writeFileSync(path, await sys4Database(sys4Collect([]), { day: DAY }));
    const store = await Store.open(scratchDirectory());
    failDisk({ call: 'statSync', errno: 'EIO', path: '-journal' });
    expect(() => {
      checkSys4Databases(store, { collected: [path], reportd: undefined, fetchers: [], sources: [], missing: [] });
    }).toThrow(
      expect.objectContaining({
        code: 'foreign-database-unreadable',
        message: expect.stringContaining(`${path} cannot be moved: EIO`) as string,
      }) as Error,
    );
  });

  it.each(['-journal', '-wal'])(
    'takes no database beside which a program that was killed left a %s',
    async (suffix) => {
      const path = join(scratchDirectory(), 'collectd.sqlite');
      writeFileSync(path, await sys4Database(sys4Collect([]), { day: DAY }));
      writeFileSync(`${path}${suffix}`, 'more');
      const store = await Store.open(scratchDirectory());
      expect(() => {
        checkSys4Databases(store, { collected: [path], reportd: undefined, fetchers: [], sources: [], missing: [] });
      }).toThrow(`left ${path}${suffix}. Start that program once more and stop it.`);
    },
  );
});

describe('openCollected', () => {
  /** What it does with a database that another program has open, and its journal beside it. */
  async function whileInUse(content: Uint8Array, act: (store: Store, path: string) => void): Promise<void> {
    const path = join(scratchDirectory(), 'collectd.sqlite');
    writeFileSync(path, content);
    writeFileSync(`${path}-journal`, 'more');
    const store = await Store.open(scratchDirectory());
    const program = spawn('sleep', ['600'], { stdio: [openSync(path, 'r'), 'ignore', 'ignore'] });
    try {
      await until(() => processesUsing(path).some(({ pid }) => pid === program.pid));
      act(store, path);
    } finally {
      program.kill('SIGKILL');
    }
  }

  it('takes the journal of a program that is at work for none that was left', async () => {
    await whileInUse(await sys4Database(sys4Collect([]), { day: DAY }), (store, path) => {
      expect(openCollected(store, path).daysWithSessions()).toEqual([]);
    });
  });

  it('calls a database that a program is in the middle of writing to by that, and not damaged', async () => {
    const whole = await sys4Database(sys4Collect(seen('a.example', 3)), { day: DAY });
    await whileInUse(whole.subarray(0, whole.length / 2), (store, path) => {
      expect(() => openCollected(store, path)).toThrow(
        new RegExp(String.raw`cannot be made out while it is written to \(.* by sleep \(\d+\)\)\. Run this again`),
      );
    });
  });
});

describe('blamingDatabase', () => {
  it('blames no database for a mistake of ours', () => {
    const bug = new TypeError('x is not a function');
    expect(() =>
      blamingDatabase('/x', () => {
        throw bug;
      }),
    ).toThrow(bug);
  });

  it.each([
    [
      'what our own store makes of it',
      new Problem('store-not-writable', '/x cannot be written', { cause: new Error('EIO: read') }),
    ],
    ['what SQLite makes of it', new Error('EIO: read')],
  ])('says that the database cannot be read when its disk fails, and not %s', (_, thrown) => {
    expect(() =>
      blamingDatabase('/x', () => {
        throw thrown;
      }),
    ).toThrow(
      expect.objectContaining({
        code: 'foreign-database-unreadable',
        message: '/x cannot be moved: EIO: read.',
      }) as Error,
    );
  });
});

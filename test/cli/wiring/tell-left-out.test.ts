import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { failDisk, healDisk } from '#test/support/failing-disk.ts';
import { run } from '#test/support/run-program.ts';
import type { ProgramRun } from '#test/support/run-program.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';

const CONTACT = ['--contact', 'postmaster@sender.example'];

/** The commands that read what other hosts saw, of all days. */
const COMMANDS: readonly (readonly [string, readonly string[]])[] = [
  ['status', []],
  ['report', ['--day', 'unreported', '--dry-run', ...CONTACT]],
  ['report', ['--day', DAY, '--dry-run', ...CONTACT]],
];

const SEEN = [makeDatagram({ domain: 'a.example' })];

async function daysOfTwo(): Promise<CollectedDays> {
  const days = await CollectedDays.make();
  days.collect(SEEN);
  days.fetch('mx2', SEEN);
  return days;
}

/** From another host, which has two days. */
async function fetchAgain(days: CollectedDays): Promise<ProgramRun> {
  const other = await CollectedDays.make();
  for (const day of [daysBefore(DAY, 1), DAY]) other.collect(SEEN, { day });
  days.collect(SEEN, { day: daysBefore(DAY, 1) });
  return run(['fetch', other.store.path, '--day', 'unreported'], { stateDir: days.store.path });
}

describe('What is under fetched/ and is not what fetch made', () => {
  afterEach(healDisk);

  /** Also of names that days have, and one that nobody may look into. */
  async function withStrays(): Promise<CollectedDays> {
    const days = await daysOfTwo();
    const fetched = join(days.store.path, 'fetched');
    for (const name of ['notes.txt', '.DS_Store', DAY]) writeFileSync(join(fetched, name), 'a stray');
    mkdirSync(join(fetched, 'lost+found'));
    symlinkSync('nowhere', join(fetched, 'link'));
    writeFileSync(join(days.store.path, 'sessions', DAY), 'a stray');
    failDisk({ call: 'readdirSync', errno: 'EACCES', path: 'lost+found' });
    return days;
  }

  it.each(COMMANDS)('is passed over by %s %j', async (command, words) => {
    const { code, stderr, stdout } = await run([command, ...words], { stateDir: (await withStrays()).store.path });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(command === 'report' ? /a\.example/ : /2026-11-19 +2 /);
  });

  it('is passed over by fetch', async () => {
    const days = await withStrays();
    const { code, stderr } = await fetchAgain(days);
    expect([code, stderr]).toEqual([0, '']);
    expect(days.store.fetched.allDays()).toEqual([daysBefore(DAY, 1), DAY]);
  });
});

describe('A folder of a source that nobody may look into', () => {
  afterEach(healDisk);

  it.each(COMMANDS)('is named by %s %j, which goes on with the others', async (command, words) => {
    const days = await daysOfTwo();
    days.fetch('mx3', SEEN, { day: daysBefore(DAY, 1) });
    failDisk({ call: 'readdirSync', errno: 'EACCES', path: 'mx3' });
    const { code, stderr } = await run([command, ...words], { stateDir: days.store.path });
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^\S+ warning fetched-left-out: .*\/mx3 cannot be read.*\n$/),
    ]);
  });
});

describe('A copy of a day that is damaged', () => {
  const SPOILT: readonly (readonly [string, (file: string) => void])[] = [
    [
      'holds anything',
      (file) => {
        writeFileSync(file, 'anything');
      },
    ],
    [
      'is a folder',
      (file) => {
        mkdirSync(file);
      },
    ],
  ];

  async function damaged(spoil: (file: string) => void, source = 'mx3'): Promise<CollectedDays> {
    const days = await daysOfTwo();
    const folder = join(days.store.path, 'fetched', source);
    mkdirSync(folder, { recursive: true });
    spoil(join(folder, `${DAY}.sqlite`));
    return days;
  }

  it.each(SPOILT)(
    'is waited for by report when it %s, without which it goes on when it is told to',
    async (_, spoil) => {
      const { store } = await damaged(spoil);
      const report = ['report', '--day', DAY, '--dry-run', ...CONTACT];
      const waiting = await run([...report, '--wait-for-missing', '30d'], { stateDir: store.path });
      expect([waiting.code, waiting.stderr]).toEqual([
        75,
        expect.stringMatching(/hosts-missing: .*fetched\/mx3 is missing/),
      ]);
      const { code, stdout, stderr } = await run([...report, '--without-missing'], { stateDir: store.path });
      expect([code, stdout]).toEqual([0, expect.stringContaining('a.example')]);
      expect(stderr).toMatch(/warning hosts-left-out: .*fetched\/mx3/);
      expect(stderr).toMatch(/warning fetched-left-out: .*mx3/);
      expect(stderr).not.toContain('backup');
    },
  );

  it('is named by fetch when its host cannot be asked, and replaced once it can', async () => {
    const other = await CollectedDays.make();
    other.collect(SEEN);
    const { store } = await CollectedDays.make();
    const words = ['fetch', other.store.path, '--day', DAY];
    expect(await run(words, { stateDir: store.path })).toMatchObject({ code: 0 });
    writeFileSync(store.fetched.fileOf(store.fetched.folderOf(other.store.path), DAY), 'anything');
    renameSync(other.store.path, `${other.store.path}.away`);
    const { code, stderr } = await run(words, { stateDir: store.path });
    expect([code, stderr]).toEqual([69, expect.stringMatching(/warning fetched-left-out: .* is damaged/)]);
    renameSync(`${other.store.path}.away`, other.store.path);
    await run(words, { stateDir: store.path });
    expect(await run(words, { stateDir: store.path })).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('What fetch noted of a day and nobody can read', () => {
  function note(days: CollectedDays, name: string, make: (file: string) => void): void {
    const results = join(days.store.path, 'fetched', '.results');
    mkdirSync(results, { recursive: true });
    make(join(results, `${name}.json`));
  }

  it.each<[string, (file: string) => void]>([
    [
      'is a folder',
      (file) => {
        mkdirSync(file);
      },
    ],
    [
      'is damaged',
      (file) => {
        writeFileSync(file, '{"mx2":{"resu');
      },
    ],
  ])('has that day asked for again, and named, when it %s', async (_, make) => {
    const days = await daysOfTwo();
    note(days, daysBefore(DAY, 1), make);
    const { stderr } = await fetchAgain(days);
    expect(stderr).toMatch(new RegExp(`warning fetched-left-out: .*${daysBefore(DAY, 1)}.json cannot be read`));
    expect(days.store.fetched.allDays()).toEqual([daysBefore(DAY, 1), DAY]);
  });

  describe('as there is something else in place of the whole folder', () => {
    async function withoutFolder(): Promise<CollectedDays> {
      const days = await daysOfTwo();
      writeFileSync(join(days.store.path, 'fetched', '.results'), 'a stray');
      return days;
    }

    it.each(COMMANDS)('stops not %s %j, which names it', async (command, words) => {
      const { code, stderr } = await run([command, ...words], { stateDir: (await withoutFolder()).store.path });
      expect([code, stderr]).toEqual([
        0,
        expect.stringMatching(/^\S+ warning fetched-left-out: .*\/\.results cannot be read: ENOTDIR.*\n$/),
      ]);
    });

    it('keeps fetch from no day', async () => {
      const days = await withoutFolder();
      const { code, stderr } = await fetchAgain(days);
      expect([code, stderr]).toEqual([73, expect.stringContaining('warning fetched-left-out')]);
      expect(days.store.fetched.allDays()).toEqual([daysBefore(DAY, 1), DAY]);
    });
  });

  it.each(COMMANDS)('stops not %s %j', async (command, words) => {
    const days = await daysOfTwo();
    note(days, DAY, (file) => {
      mkdirSync(file);
    });
    const { code, stderr } = await run([command, ...words], { stateDir: days.store.path });
    expect([code, stderr]).toEqual([0, expect.stringContaining('warning fetched-left-out')]);
  });
});

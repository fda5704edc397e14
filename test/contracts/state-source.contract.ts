/**
 * What every StateSource must do, run on each implementation against a real state directory.
 *
 * A test file calls `describeStateSource` with a function that makes a source of the wanted kind over a directory on this machine.
 * Whether that directory is a sound one is no matter to a source, so the files hold arbitrary bytes.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StateSource } from '#pipeline/fetch/state-source.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface SourceSubject {
  readonly source: StateSource;
  readonly stop: () => Promise<void>;
}

export interface SourceWish {
  /** The state directory to read, which need not exist. */
  readonly directory: string;
  readonly maxBytes?: number;
}

export type MakeSourceSubject = (wish: SourceWish) => Promise<SourceSubject>;

const DAY = '2026-11-19' as UtcDay;

export function describeStateSource(name: string, makeSubject: MakeSourceSubject): void {
  describe(`${name} as a state source`, () => {
    const started: SourceSubject[] = [];
    let root: string;
    let directory: string;
    let into: string;

    async function start(wish: Partial<SourceWish> = {}): Promise<StateSource> {
      const subject = await makeSubject({ directory, ...wish });
      started.push(subject);
      return subject.source;
    }

    function writeDayFile(extension: string, content: Uint8Array): void {
      writeFileSync(join(directory, 'sessions', `${DAY}.${extension}`), content);
    }

    beforeEach(() => {
      root = mkdtempSync(join(tmpdir(), 'tlsrpt-source-'));
      directory = join(root, 'state');
      into = join(root, 'copy');
      mkdirSync(join(directory, 'sessions'), { recursive: true });
    });

    afterEach(async () => {
      for (const { stop } of started.splice(0)) await stop();
      rmSync(root, { recursive: true, force: true });
    });

    it('copies the snapshot of a closed day', async () => {
      const snapshot = randomBytes(3_000_001);
      writeDayFile('sqlite', snapshot);
      const source = await start();
      expect(await source.copyDay(DAY, into)).toEqual({ kind: 'copied', journal: false });
      expect(readFileSync(`${into}.sqlite`).equals(snapshot)).toBe(true);
      expect(readdirSync(root).filter((name) => name.startsWith('copy'))).toEqual(['copy.sqlite']);
    });

    it.each([
      ['the journal', ['3.journal']],
      ['the journals', ['9.journal', '10.journal', '11.journal']],
    ])('copies %s of a day that is not closed as well', async (_, extensions) => {
      const files = new Map(['sqlite', ...extensions].map((extension) => [extension, randomBytes(70_000)]));
      for (const [extension, content] of files) writeDayFile(extension, content);
      const source = await start();
      expect(await source.copyDay(DAY, into)).toEqual({ kind: 'copied', journal: true });
      for (const [extension, content] of files) expect(readFileSync(`${into}.${extension}`).equals(content)).toBe(true);
      expect(readdirSync(root).filter((name) => name.startsWith('copy'))).toHaveLength(files.size);
    });

    it('leaves alone what is of other days, or of no journal', async () => {
      writeDayFile('1.journal', randomBytes(10));
      for (const name of [
        '2026-11-18.1.journal',
        `${DAY}.journal`,
        `${DAY}.x.journal`,
        `${DAY}.01.journal`,
        `.${DAY}.2.journal`,
        `${DAY}.lock`,
      ])
        writeFileSync(join(directory, 'sessions', name), 'another file');
      const source = await start();
      await source.copyDay(DAY, into);
      expect(readdirSync(root).filter((name) => name.startsWith('copy'))).toEqual(['copy.1.journal']);
    });

    it('takes no more journals of a day than there can be', async () => {
      for (let number = 1; number <= 65; number += 1) writeDayFile(`${String(number)}.journal`, Buffer.alloc(0));
      const source = await start();
      expect(await source.copyDay(DAY, into)).toEqual({ kind: 'damaged', why: `it has 65 files ${DAY}.*.journal` });
      rmSync(join(directory, 'sessions', `${DAY}.65.journal`));
      expect(await source.copyDay(DAY, into)).toEqual({ kind: 'copied', journal: true });
    });

    it('refuses journals that together are larger than its bound', async () => {
      for (const number of [1, 2]) writeDayFile(`${String(number)}.journal`, randomBytes(501));
      const source = await start({ maxBytes: 1_000 });
      expect(await source.copyDay(DAY, into)).toMatchObject({
        kind: 'refused',
        why: expect.stringContaining(`${DAY}.2.journal`) as string,
      });
    });

    it('looks at no more names than a state directory can have', async () => {
      for (let number = 0; number <= 20_000; number += 1)
        writeFileSync(join(directory, 'sessions', `stray-${String(number)}`), '');
      const source = await start();
      expect(await source.copyDay(DAY, into)).toMatchObject({
        kind: 'refused',
        why: expect.stringContaining('more than 20000 files') as string,
      });
    });

    it('copies an empty file', async () => {
      writeDayFile('sqlite', Buffer.alloc(0));
      const source = await start();
      expect(await source.copyDay(DAY, into)).toEqual({ kind: 'copied', journal: false });
      expect(readFileSync(`${into}.sqlite`)).toHaveLength(0);
    });

    it('hands over a day without a snapshot: it is in its journals', async () => {
      writeDayFile('1.journal', randomBytes(100));
      const source = await start();
      expect(await source.copyDay(DAY, into)).toEqual({ kind: 'copied', journal: true });
    });

    it('says that nothing is there for a day without files', async () => {
      const source = await start();
      expect(await source.copyDay(DAY, into)).toEqual({ kind: 'absent' });
    });

    it('replaces what an earlier copy left', async () => {
      writeFileSync(`${into}.sqlite`, randomBytes(9_000));
      writeDayFile('sqlite', Buffer.from('short'));
      const source = await start();
      await source.copyDay(DAY, into);
      expect(readFileSync(`${into}.sqlite`, 'utf8')).toBe('short');
    });

    it('copies the same day again, and several at the same time', async () => {
      const snapshot = randomBytes(400_000);
      writeDayFile('sqlite', snapshot);
      const source = await start();
      const stems = ['a', 'b', 'c'].map((letter) => join(root, letter));
      const results = await Promise.all(stems.map((stem) => source.copyDay(DAY, stem)));
      expect(results.map(({ kind }) => kind)).toEqual(['copied', 'copied', 'copied']);
      for (const stem of stems) expect(readFileSync(`${stem}.sqlite`).equals(snapshot)).toBe(true);
    });

    describe('with a copy that is here already', () => {
      const TIME = 1_795_000_000;
      const HEAD = Buffer.alloc(100, 'head');
      const known = { sizeBytes: 5_000, modifiedSeconds: TIME, head: HEAD };

      beforeEach(() => {
        writeDayFile('sqlite', Buffer.concat([HEAD, randomBytes(4_900)]));
        utimesSync(join(directory, 'sessions', `${DAY}.sqlite`), TIME, TIME);
      });

      it('gives a copy the time of its original', async () => {
        const source = await start();
        await source.copyDay(DAY, into);
        expect(statSync(`${into}.sqlite`).mtimeMs).toBe(TIME * 1_000);
      });

      it('copies nothing when the original has the same size, time and beginning', async () => {
        const source = await start();
        expect(await source.copyDay(DAY, into, { known })).toEqual({ kind: 'unchanged' });
        expect(existsSync(`${into}.sqlite`)).toBe(false);
      });

      it.each([
        ['size', { sizeBytes: 4_999 }],
        ['time', { modifiedSeconds: TIME - 1 }],
        ['beginning', { head: Buffer.alloc(100, 'hea') }],
      ])('copies an original of another %s', async (_, difference) => {
        const source = await start();
        expect(await source.copyDay(DAY, into, { known: { ...known, ...difference } })).toEqual({
          kind: 'copied',
          journal: false,
        });
      });

      it('says that nothing is there when the original is gone', async () => {
        const source = await start();
        rmSync(join(directory, 'sessions', `${DAY}.sqlite`));
        expect(await source.copyDay(DAY, into, { known })).toEqual({ kind: 'absent' });
      });
    });

    it('copies the identity where there is nothing for that day, and nowhere else', async () => {
      writeFileSync(join(directory, 'identity'), 'garbage');
      const source = await start();
      expect(await source.copyDay(DAY, into)).toEqual({ kind: 'absent' });
      expect(readFileSync(`${into}.identity`, 'utf8')).toBe('garbage');
      rmSync(`${into}.identity`);
      writeDayFile('sqlite', randomBytes(100));
      expect(await source.copyDay(DAY, into)).toEqual({ kind: 'copied', journal: false });
      expect(existsSync(`${into}.identity`)).toBe(false);
    });

    it('tells how far it has come', async () => {
      writeDayFile('sqlite', randomBytes(3_000_000));
      const source = await start();
      const told: [number, number][] = [];
      await source.copyDay(DAY, into, { progress: (done, total) => told.push([done, total]) });
      expect(told.at(-1)).toEqual([3_000_000, 3_000_000]);
      expect(told.length).toBeGreaterThan(1);
    });

    it('refuses a snapshot that is larger than its bound', async () => {
      writeDayFile('sqlite', randomBytes(1_001));
      const source = await start({ maxBytes: 1_000 });
      expect(await source.copyDay(DAY, into)).toMatchObject({
        kind: 'refused',
        why: expect.stringContaining(`${DAY}.sqlite`) as string,
      });
    });

    it('copies nothing of a snapshot that is known to be too large', async () => {
      writeDayFile('sqlite', Buffer.alloc(0));
      truncateSync(join(directory, 'sessions', `${DAY}.sqlite`), 5 * 1024 ** 3);
      const source = await start();
      let told = 0;
      const progress = (): unknown => (told += 1);
      expect(await source.copyDay(DAY, into, { progress })).toMatchObject({ kind: 'refused' });
      expect([told, existsSync(`${into}.sqlite`)]).toEqual([0, false]);
    });

    it.each([
      ['in a circle', `${DAY}.sqlite`],
      ['nowhere', 'elsewhere'],
    ])('refuses a link that leads %s, rather than to say that there is nothing', async (_, target) => {
      symlinkSync(target, join(directory, 'sessions', `${DAY}.sqlite`));
      const source = await start();
      expect(await source.copyDay(DAY, into)).toMatchObject({
        kind: 'refused',
        why: expect.stringContaining('link') as string,
      });
    });

    it('ends, and writes no more, when nobody waits for it any longer', async () => {
      writeDayFile('sqlite', randomBytes(3_000_000));
      const source = await start();
      const controller = new AbortController();
      const progress = (): void => {
        controller.abort(new Error('it takes too long'));
      };
      expect(await source.copyDay(DAY, into, { signal: controller.signal, progress })).toMatchObject({
        kind: 'unreachable',
        why: expect.stringContaining('it takes too long') as string,
      });
      expect(existsSync(`${into}.sqlite`)).toBe(false);
    });

    it('copies a snapshot that is just as large as its bound', async () => {
      writeDayFile('sqlite', randomBytes(1_000));
      const source = await start({ maxBytes: 1_000 });
      expect(await source.copyDay(DAY, into)).toEqual({ kind: 'copied', journal: false });
    });

    it('refuses a directory in the place of a snapshot', async () => {
      mkdirSync(join(directory, 'sessions', `${DAY}.sqlite`));
      const source = await start();
      expect(await source.copyDay(DAY, into)).toMatchObject({ kind: 'refused' });
    });

    it('refuses a directory that is no state directory, rather than to say that there is nothing', async () => {
      rmSync(join(directory, 'sessions'), { recursive: true });
      const source = await start();
      const result = await source.copyDay(DAY, into);
      expect(result).toMatchObject({ kind: 'refused', advice: expect.stringContaining('path') as string });
    });

    it('refuses a directory that is not there', async () => {
      const source = await start({ directory: join(root, 'elsewhere') });
      expect(await source.copyDay(DAY, into)).toMatchObject({ kind: 'refused' });
    });

    it('rejects when the copy cannot be written here', async () => {
      writeDayFile('sqlite', randomBytes(100));
      const source = await start();
      await expect(source.copyDay(DAY, join(root, 'no-such-folder', 'copy'))).rejects.toMatchObject({ code: 'ENOENT' });
    });

    it('has a name for people that says where it is', async () => {
      const source = await start();
      expect(source.name).toContain(directory);
    });
  });
}

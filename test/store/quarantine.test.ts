import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Quarantine, quarantineLimits } from '#store/quarantine.ts';
import { failDisk, healDisk } from '#test/support/failing-disk.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const AT_MS = Date.parse('2026-11-19T12:34:56.789Z');
const MINUTE_MS = 60_000;
const { filesOfAKind, newFilesInAnInterval, bytesOfAKind } = quarantineLimits;

afterEach(healDisk);

function newDirectory(): string {
  return join(scratchDirectory(), 'quarantine');
}

/** Keeps what says its own number, a few each minute; returns how many were kept. */
function keepMany(quarantine: Quarantine, count: number, kind = 'not-json', fromMs = AT_MS): number {
  const paths = Array.from({ length: count }, (_, index) => {
    const minutes = Math.floor(index / newFilesInAnInterval);
    return quarantine.keep(Buffer.from(String(index)), kind, fromMs + minutes * MINUTE_MS);
  });
  return paths.filter((path) => path !== undefined).length;
}

function contents(directory: string): string[] {
  return readdirSync(directory).map((name) => readFileSync(join(directory, name), 'utf8'));
}

describe('The quarantine', () => {
  it('keeps what was received, byte for byte, under a name that says when and why', () => {
    const directory = newDirectory();
    const bytes = Buffer.from([0x7b, 0x00, 0xff, 0x0a]);
    const path = new Quarantine(directory).keep(bytes, 'not-json', AT_MS);
    expect(path).toBe(join(directory, '2026-11-19T123456Z-not-json-1.json'));
    expect(readFileSync(path ?? '')).toEqual(bytes);
  });

  it('begins to number again when somebody has left a file with the highest number', () => {
    const directory = newDirectory();
    mkdirSync(directory);
    writeFileSync(join(directory, '2026-11-19T000000Z-not-json-999999999999999.json'), 'x');
    for (let run = 0; run < 3; run += 1)
      keepMany(new Quarantine(directory), filesOfAKind, 'not-json', AT_MS + run * filesOfAKind * MINUTE_MS);
    const newest = Array.from({ length: filesOfAKind }, (_, index) => String(index));
    expect(contents(directory).sort()).toEqual(newest.sort());
  });

  it('lets its files be read by nobody else', () => {
    const directory = newDirectory();
    const path = new Quarantine(directory).keep(Buffer.from('x'), 'not-json', AT_MS) ?? '';
    expect([statSync(path).mode & 0o777, statSync(directory).mode & 0o777]).toEqual([0o600, 0o700]);
  });

  it('leaves its directory under no kind of any name', () => {
    const directory = newDirectory();
    const path = new Quarantine(directory).keep(Buffer.from('x'), '../../etc/passwd\n', AT_MS) ?? '';
    expect(readdirSync(directory).map((name) => join(directory, name))).toEqual([path]);
  });

  it('keeps the newest of each kind', () => {
    const directory = newDirectory();
    const quarantine = new Quarantine(directory);
    expect(keepMany(quarantine, 55)).toBe(55);
    const newest = Array.from({ length: filesOfAKind }, (_, index) => String(55 - filesOfAKind + index));
    expect(contents(directory).sort()).toEqual(newest);
    keepMany(quarantine, 5, 'no-domain');
    expect(contents(directory)).toHaveLength(filesOfAKind + 5);
  });

  it('goes on where an earlier run ended', () => {
    const directory = newDirectory();
    keepMany(new Quarantine(directory), filesOfAKind);
    const path = new Quarantine(directory).keep(Buffer.from('new'), 'not-json', AT_MS) ?? '';
    expect(path).toMatch(new RegExp(`-not-json-${String(filesOfAKind + 1)}.json$`));
    expect(contents(directory)).toHaveLength(filesOfAKind);
    expect(contents(directory)).toContain('new');
    expect(contents(directory)).not.toContain('0');
  });

  it('knows the newest by their number, also when the clock was set back', () => {
    const directory = newDirectory();
    const quarantine = new Quarantine(directory);
    keepMany(quarantine, filesOfAKind);
    quarantine.keep(Buffer.from('new'), 'not-json', AT_MS - 60 * MINUTE_MS);
    expect(contents(directory)).toHaveLength(filesOfAKind);
    expect(contents(directory)).toContain('new');
  });

  it('keeps a few of a flood each minute', () => {
    const quarantine = new Quarantine(newDirectory());
    const flood = (atMs: number): number =>
      Array.from({ length: 1_000 }, () => quarantine.keep(Buffer.from('x'), 'not-json', atMs)).filter(
        (path) => path !== undefined,
      ).length;
    expect(flood(AT_MS)).toBe(newFilesInAnInterval);
    expect(flood(AT_MS + MINUTE_MS - 1)).toBe(0);
    expect(flood(AT_MS + MINUTE_MS)).toBe(newFilesInAnInterval);
  });

  it('has room for so many bytes of a kind', () => {
    const directory = newDirectory();
    const quarantine = new Quarantine(directory);
    for (let index = 0; index < 9; index += 1) quarantine.keep(Buffer.alloc(250_000, index), 'not-json', AT_MS);
    const sizes = contents(directory).map((text) => text.length);
    expect(sizes).toEqual(Array(4).fill(250_000));
    expect(
      contents(directory)
        .map((text) => text.charCodeAt(0))
        .sort(),
    ).toEqual([5, 6, 7, 8]);
    expect(quarantine.keep(Buffer.alloc(2 * bytesOfAKind), 'too-large', AT_MS)).toBeDefined();
    expect(contents(directory).map((text) => text.length)).toContain(quarantineLimits.fileBytes);
  });

  it('has room again after people have removed files, or all of it', () => {
    const directory = newDirectory();
    const quarantine = new Quarantine(directory);
    keepMany(quarantine, newFilesInAnInterval);
    rmSync(directory, { recursive: true });
    expect(keepMany(quarantine, newFilesInAnInterval, 'not-json', AT_MS + MINUTE_MS)).toBe(newFilesInAnInterval);
    expect(contents(directory)).toHaveLength(newFilesInAnInterval);
  });

  it('leaves alone what others put there', () => {
    const directory = newDirectory();
    mkdirSync(directory);
    const others = ['notes.txt', 'not-json-1.json', '2026-11-19T123456Z-not-json-x.json'];
    for (const name of others) writeFileSync(join(directory, name), 'precious');
    keepMany(new Quarantine(directory), 3 * filesOfAKind);
    for (const name of others) expect(existsSync(join(directory, name))).toBe(true);
  });

  it.each(['openSync', 'writeSync'] as const)(
    'does without when the disk is full, and with when it is not any more (%s)',
    (call) => {
      const directory = newDirectory();
      const quarantine = new Quarantine(directory);
      failDisk({ call, errno: 'ENOSPC', path: '.json' });
      expect(quarantine.keep(Buffer.from('x'), 'not-json', AT_MS)).toBeUndefined();
      healDisk();
      expect(quarantine.keep(Buffer.from('y'), 'not-json', AT_MS)).toBeDefined();
      expect(contents(directory)).toEqual(['y']);
    },
  );

  it('asks for its directory anew after a minute when the disk refuses it', () => {
    const quarantine = new Quarantine(newDirectory());
    failDisk({ call: 'mkdirSync', errno: 'ENOSPC' });
    expect(quarantine.keep(Buffer.from('x'), 'not-json', AT_MS)).toBeUndefined();
    healDisk();
    expect(quarantine.keep(Buffer.from('x'), 'not-json', AT_MS)).toBeUndefined();
    expect(quarantine.keep(Buffer.from('x'), 'not-json', AT_MS + MINUTE_MS)).toBeDefined();
  });

  it('does without when its directory is a file', () => {
    const path = newDirectory();
    writeFileSync(path, '');
    const quarantine = new Quarantine(path);
    expect(quarantine.keep(Buffer.from('x'), 'not-json', AT_MS)).toBeUndefined();
    rmSync(path);
    expect(quarantine.keep(Buffer.from('x'), 'not-json', AT_MS + MINUTE_MS)).toBeDefined();
  });
});

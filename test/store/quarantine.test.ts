import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Quarantine } from '#store/quarantine.ts';
import { failDisk, healDisk } from '#test/support/failing-disk.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const AT_MS = Date.parse('2026-11-19T12:34:56.789Z');

afterEach(healDisk);

describe('The quarantine', () => {
  it('keeps what was received, byte for byte, under a name that says when and why', () => {
    const directory = join(scratchDirectory(), 'quarantine');
    const bytes = Buffer.from([0x7b, 0x00, 0xff, 0x0a]);
    const path = new Quarantine(directory).keep(bytes, 'not-json', AT_MS);
    expect(path).toBe(join(directory, '2026-11-19T123456Z-not-json-1.json'));
    expect(readFileSync(path ?? '')).toEqual(bytes);
  });

  it('holds a hundred files, counting those of earlier runs', () => {
    const directory = join(scratchDirectory(), 'quarantine');
    const keepMany = (count: number): number =>
      ((quarantine) => Array.from({ length: count }, () => quarantine.keep(Buffer.from('x'), 'not-json', AT_MS)))(
        new Quarantine(directory),
      ).filter((path) => path !== undefined).length;
    expect(keepMany(60)).toBe(60);
    expect(keepMany(60)).toBe(40);
    expect(readdirSync(directory)).toHaveLength(100);
    expect(keepMany(1)).toBe(0);
  });

  it('has room again in the next run after people have looked at some', () => {
    const directory = join(scratchDirectory(), 'quarantine');
    const first = new Quarantine(directory);
    for (let index = 0; index < 100; index += 1) first.keep(Buffer.from('x'), 'not-json', AT_MS);
    for (const name of readdirSync(directory).slice(0, 10)) rmSync(join(directory, name));
    expect(new Quarantine(directory).keep(Buffer.from('new'), 'no-domain', AT_MS)).toBeDefined();
  });

  it('does without when the disk is full, and with when it is not any more', () => {
    const quarantine = new Quarantine(join(scratchDirectory(), 'quarantine'));
    failDisk({ call: 'openSync', errno: 'ENOSPC' });
    expect(quarantine.keep(Buffer.from('x'), 'not-json', AT_MS)).toBeUndefined();
    healDisk();
    expect(quarantine.keep(Buffer.from('x'), 'not-json', AT_MS)).toBeDefined();
  });

  it('does without when its directory is a file', () => {
    const path = join(scratchDirectory(), 'quarantine');
    writeFileSync(path, '');
    expect(new Quarantine(path).keep(Buffer.from('x'), 'not-json', AT_MS)).toBeUndefined();
  });
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diskListedOnce } from '#support/listed-once.ts';
import { scratchDirectory } from './scratch.ts';

describe('diskListedOnce', () => {
  it('keeps to the names that were in a directory at first, each directory by itself', () => {
    const folder = scratchDirectory();
    mkdirSync(join(folder, 'other'));
    const disk = diskListedOnce();
    expect(disk.list(folder)).toEqual(['other']);
    writeFileSync(join(folder, 'late'), '');
    writeFileSync(join(folder, 'other', 'early'), '');
    expect(disk.list(folder)).toEqual(['other']);
    expect(disk.list(join(folder, 'other'))).toEqual(['early']);
    expect(diskListedOnce().list(folder).sort()).toEqual(['late', 'other']);
  });

  it('lists what was not there yet once it is', () => {
    const later = join(scratchDirectory(), 'later');
    const disk = diskListedOnce();
    expect(() => disk.list(later)).toThrow('ENOENT');
    mkdirSync(later);
    expect(disk.list(later)).toEqual([]);
  });
});

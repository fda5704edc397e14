import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemDisk } from '#support/disk.ts';
import { dayVersionsIn } from '#store/state-versions.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const [FIRST, SECOND] = ['2026-11-18', '2026-11-19'];

describe('The versions of days', () => {
  it('change with the files of the day alone, in whichever of the folders', () => {
    const folders = ['own', 'fetched'].map((name) => join(scratchDirectory(), name));
    const [own = '', fetched = ''] = folders;
    mkdirSync(own);
    for (const day of [FIRST, SECOND]) writeFileSync(join(own, `${day}.sqlite`), 'a');
    const before = dayVersionsIn(systemDisk, folders);
    expect([...before.keys()]).toEqual([FIRST, SECOND]);
    expect(dayVersionsIn(systemDisk, folders)).toEqual(before);
    mkdirSync(fetched);
    writeFileSync(join(fetched, `${SECOND}.sqlite`), 'a');
    const after = dayVersionsIn(systemDisk, folders);
    expect([...after].map(([day, version]) => [day, [...before.values()].includes(version)])).toEqual([
      [FIRST, true],
      [SECOND, false],
    ]);
  });

  it('pass over locks, and what is no day', () => {
    const folder = scratchDirectory();
    for (const name of ['2026-11-19.lock', 'day-ages.json', '2026-13-01.sqlite']) writeFileSync(join(folder, name), '');
    expect(dayVersionsIn(systemDisk, [folder])).toEqual(new Map());
  });

  it('are refused with the reason where nobody may look', () => {
    const file = join(scratchDirectory(), 'sessions');
    writeFileSync(file, '');
    expect(() => dayVersionsIn(systemDisk, [file])).toThrow(expect.objectContaining({ code: 'store-not-readable' }));
  });
});

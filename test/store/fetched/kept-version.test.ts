import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { isSameVersion, noteOriginal, originalOf, originalPath, versionOfFile } from '#store/fetched/kept-version.ts';
import type { KeptVersion } from '#store/fetched/kept-version.ts';
import { systemDisk } from '#support/disk.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const MODIFIED_SECONDS = 1_700_000_000;

let stem: string;

beforeEach(() => {
  stem = join(scratchDirectory(), '2026-11-19');
});

function fileWith(content: string): KeptVersion | undefined {
  writeFileSync(`${stem}.sqlite`, content);
  utimesSync(`${stem}.sqlite`, MODIFIED_SECONDS, MODIFIED_SECONDS);
  return versionOfFile(systemDisk, `${stem}.sqlite`);
}

describe('The version of a file', () => {
  it('is its size, its time and its beginning', () => {
    const head = Buffer.from('a snapshot');
    expect(fileWith('a snapshot')).toEqual({ sizeBytes: 10, modifiedSeconds: MODIFIED_SECONDS, head });
    expect(versionOfFile(systemDisk, `${stem}.other`)).toBeUndefined();
  });

  it('is another one where any of them is', () => {
    const version = { sizeBytes: 10, modifiedSeconds: MODIFIED_SECONDS, head: Buffer.from('a snapshot') };
    expect(isSameVersion(version, { ...version, head: Uint8Array.from(version.head) })).toBe(true);
    for (const other of [{ sizeBytes: 11 }, { modifiedSeconds: 0 }, { head: Buffer.from('a Snapshot') }])
      expect(isSameVersion(version, { ...version, ...other })).toBe(false);
  });
});

describe('The version of the original of a day', () => {
  it('is read as it was noted', () => {
    const version = fileWith('a snapshot \u00e4\u0000');
    if (version) noteOriginal(systemDisk, stem, version);
    expect(originalOf(systemDisk, stem)).toEqual(version);
  });

  it.each([
    ['cut off', (note: string) => note.slice(0, -10)],
    ['of another form', () => '{"sizeBytes":"10"}'],
    ['empty', () => ''],
  ])('is not known where its note is %s', (_, spoil) => {
    noteOriginal(systemDisk, stem, {
      sizeBytes: 10,
      modifiedSeconds: MODIFIED_SECONDS,
      head: Buffer.from('a snapshot'),
    });
    writeFileSync(originalPath(stem), spoil(readFileSync(originalPath(stem), 'utf8')));
    expect(originalOf(systemDisk, stem)).toBeUndefined();
  });

  it('is not known where there is none', () => {
    expect(originalOf(systemDisk, stem)).toBeUndefined();
  });
});

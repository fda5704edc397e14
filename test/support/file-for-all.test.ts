import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeFileForAll } from '#support/file-for-all.ts';
import { scratchDirectory } from './scratch.ts';

describe('A file for all', () => {
  it('can be read by everybody, whatever the umask says, and nothing else is left', () => {
    const path = join(scratchDirectory(), 'a.prom');
    const before = process.umask(0o077);
    try {
      writeFileForAll(path, 'old\n');
      writeFileForAll(path, 'new\n');
    } finally {
      process.umask(before);
    }
    expect(statSync(path).mode & 0o777).toBe(0o644);
    expect(readFileSync(path, 'utf8')).toBe('new\n');
    expect(readdirSync(join(path, '..'))).toEqual(['a.prom']);
  });

  it('takes the place of a link, and leaves alone what that leads to', () => {
    const directory = scratchDirectory();
    const [path, other] = [join(directory, 'a.prom'), join(directory, 'other')];
    writeFileSync(other, 'mine');
    symlinkSync(other, path);
    writeFileForAll(path, 'new\n');
    expect([readFileSync(other, 'utf8'), readFileSync(path, 'utf8')]).toEqual(['mine', 'new\n']);
  });

  it('leaves nothing behind where it cannot be put', () => {
    const directory = scratchDirectory();
    mkdirSync(join(directory, 'a.prom'));
    expect(() => {
      writeFileForAll(join(directory, 'a.prom'), 'new\n');
    }).toThrow('EISDIR');
    expect(readdirSync(directory)).toEqual(['a.prom']);
  });
});

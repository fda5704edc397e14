import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  ensureDirectory,
  moveFile,
  publishFile,
  removeFile,
  replaceFile,
  replaceFileByChunks,
  temporaryName,
} from '#support/durable-file.ts';
import { failDisk, healDisk, shortenWrites } from '#test/support/failing-disk.ts';
import type { Fault } from '#test/support/failing-disk.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

afterEach(healDisk);

describe('Replacing a file', () => {
  it('puts all chunks in the place of what was there, for the owner alone', () => {
    const directory = scratchDirectory();
    const path = join(directory, 'file');
    replaceFile(path, Buffer.from('old and longer'));
    replaceFileByChunks(path, [Buffer.from('new'), Buffer.alloc(0), Buffer.from(' content')]);
    expect(readFileSync(path, 'utf8')).toBe('new content');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(['file']);
  });

  it('writes everything, however little is taken at once', () => {
    const path = join(scratchDirectory(), 'file');
    shortenWrites(2);
    replaceFile(path, Buffer.from('0123456789'));
    expect(readFileSync(path, 'utf8')).toBe('0123456789');
  });

  const refusals: readonly (Fault & { readonly name: string })[] = [
    { name: 'opened', call: 'openSync', errno: 'EACCES', path: '.tmp' },
    { name: 'written', call: 'writeSync', errno: 'ENOSPC', takesBytes: 2 },
    { name: 'synced', call: 'fsyncSync', errno: 'EIO', path: '.tmp' },
    { name: 'renamed', call: 'renameSync', errno: 'EIO' },
  ];

  it.each(refusals)('leaves the old content and nothing else when the new cannot be $name', (fault) => {
    const directory = scratchDirectory();
    const path = join(directory, 'file');
    replaceFile(path, Buffer.from('old'));
    failDisk(fault);
    expect(() => {
      replaceFile(path, Buffer.from('new'));
    }).toThrow(fault.errno);
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(directory)).toEqual(['file']);
  });

  it('uses what an earlier attempt left half-written', () => {
    const directory = scratchDirectory();
    writeFileSync(temporaryName(join(directory, 'file')), 'half of something longer');
    replaceFile(join(directory, 'file'), Buffer.from('new'));
    expect(readFileSync(join(directory, 'file'), 'utf8')).toBe('new');
    expect(readdirSync(directory)).toEqual(['file']);
  });

  it('says so when only the name may not last', () => {
    const path = join(scratchDirectory(), 'file');
    failDisk({ call: 'fsyncSync', errno: 'EIO', path: join(path, '..') });
    expect(() => {
      replaceFile(path, Buffer.from('new'));
    }).toThrow('EIO');
    expect(readFileSync(path, 'utf8')).toBe('new');
  });
});

describe('Publishing a file', () => {
  it('puts it there complete, for whoever the umask lets read it', () => {
    const directory = scratchDirectory();
    const path = join(directory, 'file');
    const umask = process.umask(0o027);
    publishFile(path, Buffer.from('content'));
    process.umask(umask);
    expect(readFileSync(path, 'utf8')).toBe('content');
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(directory)).toEqual(['file']);
  });

  it('says so when it may not last', () => {
    const path = join(scratchDirectory(), 'file');
    failDisk({ call: 'fsyncSync', errno: 'EIO', path: join(path, '..') });
    expect(() => {
      publishFile(path, Buffer.from('content'));
    }).toThrow('EIO');
  });
});

describe('Moving a file', () => {
  it('puts it under the other name with its content', () => {
    const directory = scratchDirectory();
    const [from, to] = [join(directory, 'from'), join(directory, 'to')];
    writeFileSync(from, 'content');
    moveFile(from, to);
    expect([existsSync(from), readFileSync(to, 'utf8')]).toEqual([false, 'content']);
  });

  it('leaves it where it is when its content cannot be made to last', () => {
    const directory = scratchDirectory();
    const [from, to] = [join(directory, 'from'), join(directory, 'to')];
    writeFileSync(from, 'content');
    failDisk({ call: 'fsyncSync', errno: 'EIO' });
    expect(() => {
      moveFile(from, to);
    }).toThrow('EIO');
    expect([existsSync(from), existsSync(to)]).toEqual([true, false]);
  });
});

describe('Removing a file', () => {
  it('can be repeated', () => {
    const path = join(scratchDirectory(), 'file');
    writeFileSync(path, '');
    removeFile(path);
    removeFile(path);
    expect(existsSync(path)).toBe(false);
  });
});

describe('Making sure of a directory', () => {
  it('makes it and those above it, for the owner alone', () => {
    const path = join(scratchDirectory(), 'a', 'b');
    ensureDirectory(path);
    ensureDirectory(path);
    expect([path, join(path, '..')].map((each) => statSync(each).mode & 0o777)).toEqual([0o700, 0o700]);
  });

  it('fails where no directory can be made, and does not try for ever', () => {
    expect(() => {
      ensureDirectory('/proc/tlsrpt/state');
    }).toThrow(/ENOENT/);
  });
});

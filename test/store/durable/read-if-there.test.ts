import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readIfThere } from '#store/durable/read-if-there.ts';
import { systemDisk } from '#support/disk.ts';
import type { Disk } from '#support/disk.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

it('A small file is read as text, as far as it may go', () => {
  const path = join(scratchDirectory(), 'note');
  writeFileSync(path, 'mailto:ü@a.example');
  expect([100, 6].map((mostBytes) => readIfThere(systemDisk, path, mostBytes))).toEqual([
    'mailto:ü@a.example',
    'mailto',
  ]);
});

it('One that is not there is nothing, and one that cannot be read is said to be so', () => {
  const path = join(scratchDirectory(), 'note');
  expect(readIfThere(systemDisk, path, 100)).toBeUndefined();
  mkdirSync(path);
  expect(() => readIfThere(systemDisk, path, 100)).toThrow('EISDIR');
});

it('One that somebody makes while it is looked for is read', () => {
  const path = join(scratchDirectory(), 'note');
  const disk: Disk = {
    ...systemDisk,
    status: (file) => {
      writeFileSync(file, 'made meanwhile');
      return systemDisk.status(file);
    },
  };
  expect(readIfThere(disk, path, 100)).toBe('made meanwhile');
});

it('A pipe in its place keeps nobody waiting', () => {
  const path = join(scratchDirectory(), 'note');
  execFileSync('mkfifo', [path]);
  expect(() => readIfThere(systemDisk, path, 100)).toThrow('ESPIPE');
});

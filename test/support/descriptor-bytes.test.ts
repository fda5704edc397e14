import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bytesFrom, writeWhole } from '#support/descriptor-bytes.ts';
import { scratchDirectory } from './scratch.ts';

const BYTES = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7) % 251));

function opened(path: string, flags: string | number): number {
  const descriptor = openSync(path, flags);
  onTestFinished(() => {
    closeSync(descriptor);
  });
  return descriptor;
}

function fifo(): string {
  const path = join(scratchDirectory(), 'pipe');
  execFileSync('mkfifo', [path]);
  return path;
}

async function gathered(descriptor: number): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of bytesFrom(descriptor)) chunks.push(chunk);
  return chunks;
}

describe('the bytes of a descriptor', () => {
  it('are those of a file, in pieces of one size', async () => {
    const path = join(scratchDirectory(), 'file');
    for (const size of [0, 1, 65_536, 200_000]) {
      writeFileSync(path, BYTES.subarray(0, size));
      const chunks = await gathered(opened(path, 'r'));
      expect(Buffer.concat(chunks)).toEqual(BYTES.subarray(0, size));
      expect(chunks.slice(0, -1).every(({ length }) => length === 65_536)).toBe(true);
    }
  });

  it('are not taken for none where they cannot be read', async () => {
    await expect(gathered(opened(scratchDirectory(), 'r'))).rejects.toThrow(/EISDIR/);
  });

  it('go through a pipe whole, also where calls do not wait', async () => {
    const path = fifo();
    const reader = opened(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    const read = gathered(reader);
    await writeWhole(writer, BYTES);
    closeSync(writer);
    expect(Buffer.concat(await read)).toEqual(BYTES);
  });

  it('are written to a pipe whole, however slowly it is read', async () => {
    const path = fifo();
    const target = join(scratchDirectory(), 'target');
    const reader = spawn('/bin/sh', ['-c', 'dd bs=100 2> /dev/null < "$1" > "$2"', 'sh', path, target]);
    const writer = openSync(path, 'w');
    await writeWhole(writer, BYTES);
    closeSync(writer);
    await once(reader, 'close');
    expect(readFileSync(target)).toEqual(BYTES);
  });

  it.runIf(existsSync('/dev/full'))('are not taken for written where there is no room', async () => {
    await expect(writeWhole(opened('/dev/full', 'w'), BYTES)).rejects.toThrow(/ENOSPC/);
  });
});

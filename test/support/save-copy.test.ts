import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { saveCopy } from '#support/save-copy.ts';
import { failDisk, healDisk } from '#test/support/failing-disk.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

afterEach(healDisk);

interface Source {
  readonly chunks: AsyncGenerator<Uint8Array>;
  readonly isClosed: () => boolean;
}

function sourceOf(texts: readonly string[], failure?: Error): Source {
  let closed = false;
  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      for (const text of texts) yield Buffer.from(text);
      if (failure) throw failure;
    } finally {
      closed = true;
    }
  }
  return { chunks: read(), isClosed: () => closed };
}

describe('Saving a copy', () => {
  it('writes everything that comes in the place of what was there, for the owner alone', async () => {
    const path = join(scratchDirectory(), 'copy');
    writeFileSync(path, 'something longer than the copy', { mode: 0o600 });
    const source = sourceOf(['one, ', '', 'two']);
    expect(await saveCopy(source.chunks, path)).toEqual({ kind: 'saved' });
    expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777, source.isClosed()]).toEqual([
      'one, two',
      0o600,
      true,
    ]);
  });

  it('takes as much as it may and no more', async () => {
    const path = join(scratchDirectory(), 'copy');
    expect(await saveCopy(sourceOf(['12345', '67890']).chunks, path, { maxBytes: 10 })).toEqual({ kind: 'saved' });
    const source = sourceOf(['12345', '678901', 'never asked for']);
    expect(await saveCopy(source.chunks, path, { maxBytes: 10 })).toEqual({ kind: 'too-large' });
    expect([existsSync(path), source.isClosed()]).toEqual([false, true]);
  });

  it('leaves no file when the source fails', async () => {
    const path = join(scratchDirectory(), 'copy');
    const error = new Error('the line went dead');
    expect(await saveCopy(sourceOf(['half'], error).chunks, path)).toEqual({ kind: 'interrupted', error });
    expect(existsSync(path)).toBe(false);
  });

  it('throws what the system says when it cannot be written here, and closes the source', async () => {
    const path = join(scratchDirectory(), 'copy');
    const source = sourceOf(['one', 'two']);
    failDisk({ call: 'writeSync', errno: 'ENOSPC' });
    await expect(saveCopy(source.chunks, path)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(source.isClosed()).toBe(true);
  });
});

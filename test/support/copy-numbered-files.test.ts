import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { copyNumberedFiles } from '#support/copy-numbered-files.ts';
import type { CopiedNumbered } from '#support/copy-numbered-files.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

interface Copied {
  readonly result: CopiedNumbered;
  readonly asked: string[];
  readonly directory: string;
}

/** Each copy holds the name of its original. */
async function copyAll(names: readonly string[], gone: readonly string[] = [], maxBytes = 1_000): Promise<Copied> {
  const directory = scratchDirectory();
  const asked: string[] = [];
  const result = await copyNumberedFiles({
    names,
    stem: 'a',
    extension: 'journal',
    into: join(directory, 'copy'),
    maxBytes,
    copy: (name, to, bytesLeft) => {
      asked.push(name);
      if (gone.includes(name)) return Promise.resolve({ kind: 'missing' });
      if (name.length > bytesLeft) return Promise.resolve({ kind: 'unreachable', why: name });
      writeFileSync(to, name);
      return Promise.resolve({ kind: 'saved' });
    },
  });
  return { result, asked, directory };
}

describe('copyNumberedFiles', () => {
  it('copies them in the order of their numbers, and none without a number', async () => {
    const { result, asked, directory } = await copyAll(['a.10.journal', 'a.9.journal', 'a.journal', 'b.1.journal']);
    expect(asked).toEqual(['a.9.journal', 'a.10.journal']);
    expect(result).toEqual({ kind: 'copied', listed: 2, copies: 2 });
    expect(readdirSync(directory).sort()).toEqual(['copy.10.journal', 'copy.9.journal']);
    expect(readFileSync(join(directory, 'copy.9.journal'), 'utf8')).toBe('a.9.journal');
  });

  it('goes on when one has gone meanwhile', async () => {
    const { result } = await copyAll(['a.1.journal', 'a.2.journal'], ['a.1.journal']);
    expect(result).toEqual({ kind: 'copied', listed: 2, copies: 1 });
  });

  it('ends with the first that fails, and gives all of them together no more than their bound', async () => {
    const { result, asked } = await copyAll(['a.1.journal', 'a.2.journal', 'a.3.journal'], [], 15);
    expect(result).toEqual({ kind: 'unreachable', why: 'a.2.journal' });
    expect(asked).toEqual(['a.1.journal', 'a.2.journal']);
  });

  it('takes 64 of them and not one more', async () => {
    const names = Array.from({ length: 65 }, (_, index) => `a.${String(index)}.journal`);
    expect((await copyAll(names.slice(1))).result).toEqual({ kind: 'copied', listed: 64, copies: 64 });
    const { result, asked } = await copyAll(names);
    expect([result.kind, asked]).toEqual(['damaged', []]);
  });
});

import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { copyDayFiles } from '#support/copy-day-files.ts';
import type { CopiedDay } from '#support/copy-day-files.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

interface Copied {
  readonly result: CopiedDay;
  /** The copies, in the order in which they were asked for. */
  readonly asked: string[];
}

/** Of a directory that has these names; those of `gone` were removed since it was listed. */
async function copyDay(names: readonly string[], gone: readonly string[] = [], isRefusing = false): Promise<Copied> {
  const asked: string[] = [];
  const result = await copyDayFiles({
    day: '2026-11-20',
    names,
    into: join(scratchDirectory(), 'copy'),
    maxBytes: undefined,
    copy: ({ path, to }) => {
      asked.push(`${path} -> ${basename(to)}`);
      const name = basename(path);
      if (!names.includes(name) || gone.includes(name)) return Promise.resolve({ kind: 'missing' });
      if (name.includes('.13.')) return Promise.resolve({ kind: 'unreachable', why: path });
      if (isRefusing) return Promise.resolve({ kind: 'refused', why: path, advice: '' });
      writeFileSync(to, name);
      return Promise.resolve({ kind: 'saved' });
    },
  });
  return { result, asked };
}

describe('copyDayFiles', () => {
  it('copies the snapshot last, so that it has what was removed meanwhile', async () => {
    const { result, asked } = await copyDay(['2026-11-20.sqlite', '2026-11-20.2.journal', '2026-11-20.1.journal']);
    expect(asked).toEqual([
      'sessions/2026-11-20.1.journal -> copy.1.journal',
      'sessions/2026-11-20.2.journal -> copy.2.journal',
      'sessions/2026-11-20.sqlite -> copy.sqlite',
    ]);
    expect(result).toEqual({ kind: 'copied', journal: true });
  });

  it('knows a closed day by there being no journal, also when one has gone meanwhile', async () => {
    const closed = ['2026-11-20.sqlite'];
    expect((await copyDay(closed)).result).toEqual({ kind: 'copied', journal: false });
    const closing = [...closed, '2026-11-20.1.journal'];
    expect((await copyDay(closing, ['2026-11-20.1.journal'])).result).toEqual({ kind: 'copied', journal: true });
  });

  it('is content with journals alone, and finds nothing where there is neither', async () => {
    expect((await copyDay(['2026-11-20.1.journal'])).result).toEqual({ kind: 'copied', journal: true });
    expect((await copyDay(['2026-11-19.sqlite'])).result).toEqual({ kind: 'absent' });
  });

  it('copies the identity where there is neither, and says why it cannot', async () => {
    const { result, asked } = await copyDay(['identity']);
    expect([result, asked.at(-1)]).toEqual([{ kind: 'absent' }, 'identity -> copy.identity']);
    expect((await copyDay(['2026-11-20.sqlite', 'identity'])).asked).toHaveLength(1);
    expect((await copyDay(['identity'], [], true)).result).toMatchObject({ kind: 'refused', ofDay: true });
  });

  it('ends with the first journal that fails', async () => {
    const { result, asked } = await copyDay(['2026-11-20.sqlite', '2026-11-20.13.journal']);
    expect(result).toEqual({ kind: 'unreachable', why: 'sessions/2026-11-20.13.journal' });
    expect(asked).toHaveLength(1);
  });
});

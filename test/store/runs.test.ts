import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Store } from '#store/store.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const RUN = { started: '2026-11-20T06:00:00.000Z', ended: '2026-11-20T06:00:01.000Z', exitCode: 0 };

describe('Runs', () => {
  it('knows nothing before the first run', async () => {
    expect((await Store.open(scratchDirectory())).runs.read()).toEqual({});
  });

  it('keeps the last run of each command', async () => {
    const { runs, path } = await Store.open(scratchDirectory());
    runs.note('report', RUN);
    runs.note('send', RUN);
    runs.note('send', { ...RUN, exitCode: 75 });
    expect((await Store.open(path)).runs.read()).toEqual({ report: RUN, send: { ...RUN, exitCode: 75 } });
  });

  it.each(['', '{', '[]', '{"send":{"started":"yesterday"}}'])('knows nothing where the file is %s', async (text) => {
    const { runs, path } = await Store.open(scratchDirectory());
    writeFileSync(join(path, 'runs.json'), text);
    expect(runs.read()).toEqual({});
    runs.note('send', RUN);
    expect(runs.read()).toEqual({ send: RUN });
  });

  it('names the file when it cannot be written', async () => {
    const { runs, path } = await Store.open(scratchDirectory());
    mkdirSync(join(path, 'runs.json'));
    expect(() => {
      runs.note('send', RUN);
    }).toThrow(/runs\.json cannot be written/);
  });
});

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Store } from '#store/store.ts';
import { systemDisk } from '#support/disk.ts';
import type { Disk } from '#support/disk.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const RUN = { started: '2026-11-20T06:00:00.000Z', ended: '2026-11-20T06:00:01.000Z', exitCode: 0 };

/** The disk of somebody in whose writing another one comes. */
function onceBeforeRename(act: () => void): Disk {
  let isFirst = true;
  const rename: Disk['rename'] = (from, to) => {
    if (isFirst) act();
    isFirst = false;
    systemDisk.rename(from, to);
  };
  return { ...systemDisk, rename };
}

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

  it('notes a run while another one is noted', async () => {
    const { runs, path } = await Store.open(scratchDirectory());
    const meanwhile = onceBeforeRename(() => {
      runs.note('report', RUN);
    });
    const other = await Store.open(path, meanwhile);
    other.runs.note('send', RUN);
    expect(runs.read()).toMatchObject({ send: RUN });
    expect(readdirSync(path)).toEqual(['runs.json']);
  });

  it('names the file when it cannot be written', async () => {
    const { runs, path } = await Store.open(scratchDirectory());
    mkdirSync(join(path, 'runs.json'));
    expect(() => {
      runs.note('send', RUN);
    }).toThrow(/runs\.json cannot be written/);
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CollectorStore } from '#store/collector-store.ts';
import { MORNING_MS } from '#test/support/collected-days.ts';
import { run } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const TIME = new Date(MORNING_MS).toISOString();

it('tlsrpt status says that the collector cannot write, and ends with why', async () => {
  const collector = new CollectorStore(scratchDirectory());
  const lock = collector.lock();
  collector.note({ trouble: { code: 'disk-full', sinceMs: MORNING_MS } });
  const { code, stdout, stderr } = await run(['status'], { stateDir: collector.path });
  const json = await run(['status', '--json'], { stateDir: collector.path });
  lock.release();
  const holder = `process ${String(process.pid)}`;
  expect(stdout).toContain(`collector        running, ${holder}, cannot write since ${TIME} (disk-full)\n`);
  expect(stderr).toContain(`error disk-full: The collector (${holder}) cannot write what it receives since ${TIME}`);
  expect([code, json.code]).toEqual([73, 73]);
  expect(JSON.parse(json.stdout)).toMatchObject({
    collector: { running: true, holder, trouble: { code: 'disk-full', since: TIME } },
  });
});

it('tlsrpt status and its health check say that the collector cannot add up, and end with why', async () => {
  const collector = new CollectorStore(scratchDirectory());
  const lock = collector.lock();
  collector.note({ tallyTrouble: { code: 'disk-full', sinceMs: MORNING_MS } });
  const [text, json, health] = [
    await run(['status'], { stateDir: collector.path }),
    await run(['status', '--json'], { stateDir: collector.path }),
    await run(['status', '--health'], { stateDir: collector.path }),
  ];
  lock.release();
  expect([text.code, json.code, health.code]).toEqual([73, 73, 73]);
  expect(text.stdout).toContain(`, cannot add up since ${TIME} (disk-full)\n`);
  for (const { stderr } of [text, health]) expect(stderr).toMatch(/error disk-full: The collector .* cannot add up/);
  expect(JSON.parse(json.stdout)).toMatchObject({ collector: { tallyTrouble: { code: 'disk-full', since: TIME } } });
});

it.each([['--json'], ['--health']])(
  'tlsrpt status %s says that nothing can be stored without an identity',
  async (flag) => {
    const collector = new CollectorStore(scratchDirectory());
    writeFileSync(join(collector.path, 'identity'), '');
    const lock = collector.lock();
    const { code, stderr } = await run(['status', flag], { stateDir: collector.path });
    lock.release();
    expect([code, stderr]).toEqual([
      65,
      expect.stringMatching(/error store-damaged: .*identity is damaged .*remove it/),
    ]);
  },
);

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allDone, orLater } from '#cli/exit-code.ts';
import { noted } from '#cli/wiring/noted-run.ts';
import type { LogEvent } from '#events/event.ts';
import { Store } from '#store/store.ts';
import { Problem } from '#support/problem.ts';
import { MORNING_MS } from '#test/support/collected-days.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

async function options(): Promise<Parameters<typeof noted>[1] & { logged: LogEvent[] }> {
  const logged: LogEvent[] = [];
  const store = await Store.open(scratchDirectory());
  let nowMs = MORNING_MS;
  return { store, clock: { nowMs: () => (nowMs += 1_000) }, log: (event) => logged.push(event), logged };
}

describe('noted', () => {
  it('notes when a run began, when it ended, how and why', async () => {
    const surroundings = await options();
    const waits = orLater(allDone, 'deliveries-waiting');
    expect(await noted('send', surroundings, () => Promise.resolve(waits))).toBe(75);
    expect(surroundings.store.runs.read()).toEqual({
      send: {
        started: '2026-11-20T06:00:01.000Z',
        ended: '2026-11-20T06:00:02.000Z',
        exitCode: 75,
        reasons: ['deliveries-waiting'],
      },
    });
  });

  it('notes with which code a problem ends a run, and lets it pass', async () => {
    const surroundings = await options();
    const problem = new Problem('disk-full', 'full');
    await expect(noted('report', surroundings, () => Promise.reject(problem))).rejects.toBe(problem);
    expect(surroundings.store.runs.read()).toMatchObject({ report: { exitCode: 73, reasons: ['disk-full'] } });
  });

  it('lets a run end as it would when it cannot be noted', async () => {
    const surroundings = await options();
    mkdirSync(join(surroundings.store.path, 'runs.json'));
    expect(await noted('send', surroundings, () => Promise.resolve(allDone))).toBe(0);
    expect(surroundings.logged.map(({ name }) => name)).toEqual(['run-not-noted']);
  });
});

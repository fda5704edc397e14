import { describe, expect, it, onTestFinished } from 'vitest';
import { PageState } from '#cli/wiring/page-state.ts';
import type { LogEvent } from '#events/event.ts';
import type { Answer } from '#web/route.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { until } from '#test/support/until.ts';

interface Started {
  readonly told: LogEvent[];
  readonly ask: (path: string, query?: string) => Promise<Answer>;
}

async function start(sources: readonly string[]): Promise<Started> {
  const days = await CollectedDays.make();
  days.collect([makeDatagram({ domain: 'a.example' })]);
  const told: LogEvent[] = [];
  const state = new PageState({
    path: days.store.path,
    sources,
    log: (event) => told.push(event),
    health: () => Promise.resolve({ kind: 'failed', why: 'it is a test' }),
    stopping: new AbortController().signal,
  });
  onTestFinished(() => state.end());
  state.begin();
  return {
    told,
    ask: (path, query = '') => {
      const route = state.routes.find((one) => one.path === path);
      if (!route) throw new Error(`there is no ${path}`);
      return route.answer(new URLSearchParams(query));
    },
  };
}

describe('What pages know', () => {
  it('is read on threads', async () => {
    const { ask, told } = await start([]);
    const seen = async (): Promise<string> => (await ask('/seen.json', `to=${DAY}`)).text;
    await expect.poll(seen, { timeout: 30_000 }).toContain('"datagrams": 1');
    expect((await ask('/domain', `name=a.example&to=${DAY}`)).text).toContain('no-policy-found');
    expect(told).toEqual([]);
  });

  it('lives through a bug in reading, which is logged', async () => {
    const { ask, told } = await start(null as unknown as string[]);
    await until(() => told.length > 0);
    expect(told[0]).toMatchObject({ name: 'page-not-read', level: 'warning' });
    expect(await ask('/')).toMatchObject({ status: 200 });
    expect((await ask('/')).text).toContain('Still to be read');
    expect((await ask('/report', 'id=2026-11-19-x')).status).toBe(404);
  });
});

import { describe, expect, it } from 'vitest';
import type { LogEvent } from '#events/event.ts';
import { KeptPart } from '#pipeline/run/kept-part.ts';
import type { KeptPartTelling } from '#pipeline/run/kept-part.ts';
import { collectorEnded, collectorSilent } from '#events/run-events.ts';
import { FakeParts } from '#test/support/fake-parts.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const telling: KeptPartTelling = { ended: collectorEnded, silent: collectorSilent, endedForGood: () => undefined };

interface Kept {
  readonly clock: ManualClock;
  readonly parts: FakeParts;
  readonly collector: KeptPart;
  readonly events: LogEvent[];
  /** For how many seconds it is looked at, second by second. */
  readonly watch: (seconds: number) => void;
}

function kept(): Kept {
  const clock = new ManualClock('2026-11-29T12:00:00Z');
  const parts = new FakeParts();
  const events: LogEvent[] = [];
  const log = (event: LogEvent): unknown => events.push(event);
  const collector = new KeptPart({ words: ['collect'], telling, starter: parts, clock, log });
  collector.look();
  const watch = (seconds: number): void => {
    for (let second = 0; second < seconds; second += 1) {
      clock.advance(1_000);
      collector.look();
    }
  };
  return { clock, parts, collector, events, watch };
}

/** After how many seconds it was started again. */
async function waitAfterExit({ parts, watch }: Kept, code = 73): Promise<number> {
  const { length } = parts.started;
  await parts.last.exit(code);
  let seconds = 0;
  for (; parts.started.length === length && seconds < 1_000; seconds += 1) watch(1);
  return seconds;
}

describe('A collector that is kept running', () => {
  it('is started again after it ended, each time after twice the wait, at most a minute', async () => {
    const run = kept();
    const waits: number[] = [];
    for (let end = 0; end < 8; end += 1) waits.push(await waitAfterExit(run));
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
    expect(run.events.map(({ name }) => name)).toEqual(Array.from({ length: 8 }, () => 'collector-ended'));
    expect(run.events[1]?.message).toBe('The collector ended with exit code 73. It is started again in 2 s.');
  });

  it('is started again after a second once it had run for a minute', async () => {
    const run = kept();
    for (let end = 0; end < 5; end += 1) await waitAfterExit(run);
    run.watch(60);
    expect(await waitAfterExit(run)).toBe(1);
  });

  it.each([64, 77, 78] as const)('is not started again after exit code %i, which no waiting mends', async (code) => {
    const run = kept();
    await run.parts.last.exit(code);
    run.watch(600);
    expect([run.parts.started.length, run.collector.endedForGood]).toEqual([1, code]);
  });

  it('is killed when it says nothing for 90 seconds, and then started again', async () => {
    const run = kept();
    run.watch(80);
    run.parts.last.say();
    run.watch(89);
    expect(run.parts.last.told).toEqual([]);
    run.watch(2);
    expect(run.parts.last.told).toEqual(['kill', 'kill']);
    expect(run.events.map(({ name }) => name)).toEqual(['collector-silent']);
    await waitAfterExit(run);
    expect(run.parts.started).toHaveLength(2);
  });

  it('is not taken for silent while nobody could listen', () => {
    const run = kept();
    run.clock.advance(3_600_000);
    run.collector.look();
    expect(run.parts.last.told).toEqual([]);
  });

  it('is asked to end once it is no longer wanted, and stays ended', async () => {
    const run = kept();
    run.collector.stop();
    expect([run.parts.last.told, run.collector.isIdle]).toEqual([['stop'], false]);
    await run.parts.last.exit(0);
    expect([run.collector.isIdle, run.events]).toEqual([true, []]);
  });

  it('has nothing to end while it waits to be started again', async () => {
    const run = kept();
    await run.parts.last.exit(70);
    run.collector.stop();
    run.collector.kill();
    expect([run.collector.isIdle, run.parts.last.told]).toEqual([true, []]);
  });
});

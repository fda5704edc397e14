import { describe, expect, it } from 'vitest';
import type { LogEvent } from '#events/event.ts';
import { runParts } from '#pipeline/run/run-parts.ts';
import type { RunEnd } from '#pipeline/run/run-parts.ts';
import { FakeParts } from '#test/support/fake-parts.ts';
import type { FakePart } from '#test/support/fake-parts.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const MINUTE_MS = 60_000;

/** Time passes when the test says so, until the run is told to stop. */
class SteppedClock extends ManualClock {
  #wake: () => void = () => undefined;
  isFree = false;

  override async sleep(durationMs: number, enough?: AbortSignal): Promise<void> {
    if (this.isFree) return super.sleep(durationMs);
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      enough?.addEventListener('abort', () => {
        resolve();
      });
    });
  }

  /** Until the run has looked again. */
  async step(durationMs: number): Promise<void> {
    this.advance(durationMs);
    this.#wake();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

interface Run {
  readonly parts: FakeParts;
  readonly stop: () => void;
  readonly hurry: () => void;
  readonly end: Promise<RunEnd>;
  readonly names: () => string[];
  readonly clock: SteppedClock;
  /** What was told to which part, in this order. */
  readonly told: string[];
}

interface Wish {
  readonly deaf?: string[];
  readonly heardAtOnce?: boolean;
  readonly server?: string[];
  readonly watcher?: string[];
}

/** Parts end when they are asked to, but for those that are named. */
function start({ deaf = [], heardAtOnce = true, server, watcher }: Wish = {}): Run {
  const told: string[] = [];
  const whenTold = (part: FakePart, what: string): void => {
    told.push(`${what} ${part.words}`);
    if (what === 'kill' || !deaf.includes(part.words)) void part.exit(0);
  };
  const parts = new FakeParts(whenTold);
  const clock = new SteppedClock('2026-11-29T12:00:00Z');
  const events: LogEvent[] = [];
  const [stop, hurry] = [new AbortController(), new AbortController()];
  const end = runParts({
    collector: ['collect'],
    server,
    watcher,
    rounds: ['report', 'send'].map((name) => ({
      steps: [{ words: [name], deadlineMs: Infinity }],
      isDueAtOnce: true,
      intervalMs: 60 * MINUTE_MS,
      offsetMs: 0,
    })),
    starter: parts,
    clock,
    log: (event) => events.push(event),
    stopMs: 8_000,
    stopping: stop.signal,
    hurrying: hurry.signal,
  });
  if (heardAtOnce) parts.started[0]?.say();
  return {
    parts,
    clock,
    told,
    end,
    names: () => events.map(({ name }) => name),
    stop: () => {
      clock.isFree = true;
      stop.abort();
    },
    hurry: () => {
      hurry.abort();
    },
  };
}

describe('A run', () => {
  it('serves from the beginning where that is wanted, and ends that before the collector', async () => {
    const run = start({ server: ['serve'], heardAtOnce: false });
    expect(run.parts.commands).toEqual(['collect', 'serve']);
    run.stop();
    expect(await run.end).toBe('stopped');
    expect(run.told).toEqual(['stop serve', 'stop collect']);
  });

  it('starts the server again after it ended, and goes on without one that cannot be helped', async () => {
    const run = start({ server: ['serve'] });
    await run.parts.last.exit(73);
    await run.clock.step(1_000);
    expect(run.parts.commands.filter((command) => command === 'serve')).toHaveLength(2);
    await run.parts.started
      .filter(({ words }) => words === 'serve')
      .at(-1)
      ?.exit(78);
    await run.clock.step(MINUTE_MS);
    expect(run.parts.commands.filter((command) => command === 'serve')).toHaveLength(2);
    expect(run.names()).toEqual(['server-ended', 'server-given-up']);
    run.stop();
    expect(await run.end).toBe('stopped');
  });

  it('watches where that is wanted, and goes on without a watch that cannot be helped', async () => {
    const run = start({ watcher: ['watch'] });
    expect(run.parts.commands.slice(0, 2)).toEqual(['collect', 'watch']);
    await run.parts.started.find(({ words }) => words === 'watch')?.exit(78);
    await run.clock.step(MINUTE_MS);
    expect(run.parts.commands.filter((command) => command === 'watch')).toHaveLength(1);
    expect(run.names()).toEqual(['watcher-given-up']);
    run.stop();
    expect(await run.end).toBe('stopped');
  });

  it('begins its rounds once the collector has received', async () => {
    const run = start({ heardAtOnce: false });
    expect(run.parts.commands).toEqual(['collect']);
    run.parts.started[0]?.say();
    await run.clock.step(1_000);
    expect(run.parts.commands).toEqual(['collect', 'report', 'send']);
    run.stop();
    await run.end;
  });

  it('begins its rounds after a minute, also when no collector gets so far', async () => {
    const run = start({ heardAtOnce: false });
    await run.clock.step(MINUTE_MS - 1);
    expect(run.parts.commands).toEqual(['collect']);
    await run.clock.step(1);
    expect(run.parts.commands).toEqual(['collect', 'report', 'send']);
    run.stop();
    await run.end;
  });

  it('ends the rounds first, then the collector', async () => {
    const run = start();
    await run.clock.step(1_000);
    run.stop();
    expect(await run.end).toBe('stopped');
    expect(run.told).toEqual(['stop report', 'stop send', 'stop collect']);
    expect(run.names()).toEqual(['run-stopping']);
  });

  it('kills what does not end in time, so that the collector can still end in order', async () => {
    const run = start({ deaf: ['send'] });
    await run.clock.step(1_000);
    const stoppedMs = run.clock.steadyMs();
    run.stop();
    expect(await run.end).toBe('killed');
    expect(run.told).toEqual(['stop report', 'stop send', 'kill send', 'stop collect']);
    expect(run.names()).toEqual(['run-stopping', 'parts-killed']);
    expect(run.clock.steadyMs() - stoppedMs).toBeLessThan(8_000);
  });

  it('waits for nothing after a second signal', async () => {
    const run = start({ deaf: ['send', 'collect'] });
    await run.clock.step(1_000);
    const stoppedMs = run.clock.steadyMs();
    run.stop();
    run.hurry();
    expect(await run.end).toBe('killed');
    expect(run.told).toEqual(['stop report', 'stop send', 'kill send', 'stop collect', 'kill collect']);
    expect(run.clock.steadyMs() - stoppedMs).toBeLessThan(3_000);
  });

  it('ends when the collector ends with what no waiting mends', async () => {
    const run = start();
    await run.clock.step(1_000);
    await run.parts.started[0]?.exit(78);
    run.clock.isFree = true;
    await run.clock.step(1_000);
    expect(await run.end).toBe(78);
    expect(run.told).toEqual(['stop report', 'stop send']);
  });

  it('lets orphans go all the while', async () => {
    const run = start();
    for (let second = 0; second < 3; second += 1) await run.clock.step(1_000);
    expect(run.parts.reaped).toBe(4);
    run.stop();
    await run.end;
  });
});

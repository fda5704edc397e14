import { describe, expect, it } from 'vitest';
import { OutcomePublisher } from '#pipeline/share/outcome-publisher.ts';
import type { Versioned } from '#pipeline/share/shared-reports.ts';
import { Problem } from '#support/problem.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import { DAY } from '#test/support/collected-days.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

function outcome(version: number): Versioned<Delivery> {
  const names = { reportId: `r${String(version)}`, policyDomain: 'a.example', submitterDomain: 's.example' };
  const times = { firstAttemptMs: 1, lastAttemptMs: 1, nextAttemptMs: undefined };
  const destination = 'mailto:tls@a.example';
  return {
    value: { ...names, destination, state: 'delivered', attempts: 1, lastResult: '250', ...times },
    bucket: 1,
    version,
  };
}

/** Answers each request as it is told to, and then takes all. */
class Index {
  readonly taken: number[][] = [];
  readonly answers: (Error | undefined)[];

  constructor(answers: readonly (Error | undefined)[] = []) {
    this.answers = [...answers];
  }

  readonly note = (_day: string, deliveries: readonly Versioned<Delivery>[]): Promise<void> => {
    const failure = this.answers.shift();
    if (failure) return Promise.reject(failure);
    this.taken.push(deliveries.map(({ version }) => version));
    return Promise.resolve();
  };
}

const AWAY = new Problem('cluster-unreachable', 'away');

function publisherTo(index: Index): OutcomePublisher {
  return new OutcomePublisher({ reports: index, day: DAY, clock: new ManualClock('2026-11-20T06:00:00Z') });
}

describe('OutcomePublisher', () => {
  it('publishes at once, and together what came meanwhile', async () => {
    const index = new Index();
    const publisher = publisherTo(index);
    await Promise.all([1, 2, 3].map((version) => publisher.note(outcome(version))));
    expect(index.taken).toEqual([[1], [2, 3]]);
  });

  it('publishes what comes at the very moment at which it has nothing more to do', async () => {
    const index = new Index();
    const publisher = publisherTo(index);
    for (let turns = 0; turns < 8; turns += 1) {
      const first = publisher.note(outcome(1));
      let later = first;
      for (let turn = 0; turn < turns; turn += 1) later = later.then(() => undefined);
      await later.then(() => publisher.note(outcome(2)));
    }
    expect(index.taken).toHaveLength(16);
  });

  it('tries again while the cluster is away', async () => {
    const index = new Index([AWAY, AWAY]);
    await publisherTo(index).note(outcome(1));
    expect(index.taken).toEqual([[1]]);
  });

  it('tells what the cluster refuses, and goes on with the next', async () => {
    const index = new Index([new Problem('cluster-refused', 'no')]);
    const publisher = publisherTo(index);
    await expect(publisher.note(outcome(1))).rejects.toThrow('no');
    await publisher.note(outcome(2));
    expect(index.taken).toEqual([[2]]);
  });

  it('settles what waits, and gives up in the end', async () => {
    const index = new Index([AWAY]);
    const publisher = publisherTo(index);
    const noted = publisher.note(outcome(1));
    await publisher.settle();
    expect(index.taken).toEqual([[1]]);
    await noted;
    index.answers.push(AWAY, AWAY);
    const given = expect(publisher.note(outcome(2))).rejects.toThrow('away');
    await publisher.end();
    await given;
  });

  it('ends soon although the cluster does not answer', async () => {
    const index = new Index();
    const note = (_day: string, _deliveries: unknown, enough?: AbortSignal): Promise<void> =>
      new Promise((_, reject) => {
        enough?.addEventListener('abort', () => {
          reject(AWAY);
        });
      });
    const publisher = publisherTo(Object.assign(index, { note }));
    const given = expect(publisher.note(outcome(1))).rejects.toThrow('away');
    await publisher.end();
    await given;
  });
});

import { dirname } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ensureDirectory, writeNewFile } from '#support/durable-file.ts';
import type { OutboxContent } from '#store/read-outbox.ts';
import { expiredDays, removeOldDays, removeOldOutboxes } from '#store/retention.ts';
import { StateDirectory } from '#store/state-directory.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const [FIRST, SECOND, THIRD, FOURTH] = ['2026-11-01', '2026-11-02', '2026-11-03', '2026-11-04'] as UtcDay[] as [
  UtcDay,
  UtcDay,
  UtcDay,
  UtcDay,
];

let disk: SimulatedDisk;
let state: StateDirectory;

beforeEach(() => {
  disk = new SimulatedDisk();
  state = new StateDirectory('/state', disk);
});

function touch(...paths: readonly string[]): void {
  for (const path of paths) {
    ensureDirectory(dirname(path), disk);
    writeNewFile(path, [], { disk });
  }
}

function closedDays(...days: readonly UtcDay[]): void {
  for (const day of days) touch(`${state.sessionStem(day)}.sqlite`);
}

function namesIn(path: string): string[] {
  return disk.status(path) ? disk.list(path).sort() : [];
}

describe('Days that are old enough to go', () => {
  it('are those before the days that are kept, when as many later ones were seen', () => {
    closedDays(FIRST, SECOND, THIRD, FOURTH);
    expect(expiredDays(state, { today: FOURTH, keepDays: 1 })).toEqual([FIRST, SECOND]);
    expect(expiredDays(state, { today: FOURTH, keepDays: 0 })).toEqual([FIRST, SECOND, THIRD]);
    expect(expiredDays(state, { today: FOURTH, keepDays: 9 })).toEqual([]);
  });

  it('are none when only the clock says so', () => {
    closedDays(FIRST, SECOND);
    const inAYear = '2027-11-02' as UtcDay;
    expect(expiredDays(state, { today: inAYear, keepDays: 1 })).toEqual([]);
    touch(`${state.sessionStem(inAYear)}.1.journal`);
    expect(expiredDays(state, { today: inAYear, keepDays: 1 })).toEqual([FIRST]);
  });

  it('are not counted off by days that the clock says are still to come', () => {
    closedDays(FIRST, SECOND, THIRD, FOURTH);
    expect(expiredDays(state, { today: SECOND, keepDays: 1 })).toEqual([]);
  });

  it('are also those of which there is only an outbox, a fetched day or what fetch noted', () => {
    touch(`${state.outboxStem(FIRST)}.sqlite`, `${state.fetchedStem('mx2', SECOND)}.sqlite`);
    touch(state.fetchResultsFile(THIRD));
    closedDays(FOURTH);
    expect(expiredDays(state, { today: FOURTH, keepDays: 0 })).toEqual([FIRST, SECOND, THIRD]);
  });
});

describe('Removing old days', () => {
  it('removes every file of them and none of the others, and says what was never reported', () => {
    const stem = state.sessionStem(FIRST);
    const aside = [`${stem}.damaged-1.sqlite`, `${dirname(stem)}/.${FIRST}.sqlite.tmp`, `${stem}.lock`];
    closedDays(FIRST, SECOND, THIRD);
    touch(...aside, `${stem}.notes`, `${stem}0.sqlite`);
    touch(`${state.outboxStem(SECOND)}.sqlite`);
    touch(`${state.fetchedStem('mx2', FIRST)}.sqlite`, `${state.partialFetchedStem('mx2', FIRST)}.sqlite`);
    touch(`${state.fetchedStem('mx2', THIRD)}.sqlite`, state.fetchResultsFile(FIRST));
    expect(removeOldDays(state, { today: THIRD, keepDays: 0 })).toEqual([
      { day: FIRST, what: 'sessions', loss: 'never reported' },
      { day: FIRST, what: 'fetched sessions', loss: 'never reported' },
      { day: SECOND, what: 'sessions', loss: undefined },
    ]);
    expect(namesIn('/state/sessions')).toEqual([`${FIRST}.notes`, `${FIRST}0.sqlite`, `${THIRD}.sqlite`]);
    expect(namesIn('/state/fetched/mx2')).toEqual([`${THIRD}.sqlite`]);
    expect(disk.status(state.fetchResultsFile(FIRST))).toBeUndefined();
  });

  it('leaves a day that is not closed as it is', () => {
    closedDays(FIRST, SECOND);
    touch(`${state.sessionStem(FIRST)}.7.journal`);
    expect(removeOldDays(state, { today: SECOND, keepDays: 0 })).toEqual([]);
    expect(namesIn('/state/sessions')).toEqual([`${FIRST}.7.journal`, `${FIRST}.sqlite`, `${SECOND}.sqlite`]);
  });

  it('does nothing where there is nothing', () => {
    expect(removeOldDays(state, { today: FIRST, keepDays: 0 })).toEqual([]);
    expect(disk.list('/')).toEqual([]);
  });

  it('goes on when the disk refuses something, and removes that another time', () => {
    for (let failing = 1; ; failing += 1) {
      disk = new SimulatedDisk();
      state = new StateDirectory('/state', disk);
      closedDays(FIRST, SECOND, THIRD);
      touch(`${state.fetchedStem('mx2', FIRST)}.sqlite`);
      const { happened } = disk.faults;
      disk.faults.failNth(failing, { errno: 'EACCES' });
      removeOldDays(state, { today: THIRD, keepDays: 0 });
      if (disk.faults.happened === happened) break;
      disk.faults.heal();
      removeOldDays(state, { today: THIRD, keepDays: 0 });
      expect([namesIn('/state/sessions'), namesIn('/state/fetched/mx2')]).toEqual([[`${THIRD}.sqlite`], []]);
    }
  });
});

describe('Removing old outboxes', () => {
  const delivery = {
    reportId: 'x',
    policyDomain: 'a.example',
    submitterDomain: 'mx.example',
    destination: 'mailto:a@example',
    attempts: 0,
    firstAttemptMs: undefined,
    lastResult: undefined,
    nextAttemptMs: 0,
  };
  const content = (state: 'queued' | 'delivered'): OutboxContent => ({
    reports: [],
    withheld: [],
    deliveries: [{ ...delivery, state }],
  });

  it('says of which something was not delivered', () => {
    touch(
      `${state.outboxStem(FIRST)}.sqlite`,
      `${state.outboxStem(SECOND)}.sqlite`,
      `${state.outboxStem(THIRD)}.sqlite`,
    );
    const read = (day: UtcDay): OutboxContent => content(day === FIRST ? 'queued' : 'delivered');
    expect(removeOldOutboxes(state, { today: THIRD, keepDays: 0 }, read)).toEqual([
      { day: FIRST, what: 'reports', loss: 'not delivered' },
      { day: SECOND, what: 'reports', loss: undefined },
    ]);
    expect(namesIn('/state/outbox')).toEqual([`${THIRD}.sqlite`]);
  });

  it('leaves one that cannot be read', () => {
    touch(`${state.outboxStem(FIRST)}.sqlite`, `${state.outboxStem(SECOND)}.sqlite`);
    const unreadable = (): OutboxContent => {
      throw Object.assign(new Error('EIO'), { code: 'EIO' });
    };
    expect(removeOldOutboxes(state, { today: SECOND, keepDays: 0 }, unreadable)).toEqual([]);
    expect(namesIn('/state/outbox')).toEqual([`${FIRST}.sqlite`, `${SECOND}.sqlite`]);
  });
});

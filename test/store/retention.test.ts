import { basename, dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ensureDirectory, writeNewFile } from '#support/durable-file.ts';
import type { OutboxContent } from '#store/outbox/read-outbox.ts';
import { expiredDays, removeHalfBuilt, removeOldOutboxes, removeOldSessions } from '#store/retention.ts';
import { ReportedDays } from '#store/reported-days.ts';
import { StateDirectory } from '#store/state-directory.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import { startOfDayMs, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const [FIRST, SECOND, THIRD, FOURTH] = ['2026-11-01', '2026-11-02', '2026-11-03', '2026-11-04'] as UtcDay[] as [
  UtcDay,
  UtcDay,
  UtcDay,
  UtcDay,
];

const DAY_MS = 86_400_000;

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

/** For a machine that has been up so many days. */
async function expiredAfter(
  daysUp: number,
  today: UtcDay,
  keepDays: number,
  countedFrom = today,
): Promise<readonly UtcDay[]> {
  return (await expiredDays(state, { today, countedFrom, keepDays }, { boot: 'one', upMs: daysUp * DAY_MS })).days;
}

describe('Days that are old enough to go', () => {
  it('are those as well of which there is nothing but what was moved here', async () => {
    const stem = state.sessionStem(FIRST);
    touch(`${stem}.moved-1.sqlite`, `${stem}.moved-2.counting.sqlite`, `${stem}.moved-3.counted.sqlite`);
    touch(join(state.sessions, `.${FIRST}.moved-4.sqlite.tmp`));
    expect(await expiredAfter(0, FOURTH, 1)).toEqual([]);
    expect(await expiredAfter(1, FOURTH, 1)).toEqual([FIRST]);
    removeOldSessions(state, [FIRST]);
    expect(namesIn(state.sessions)).toEqual([]);
  });

  it('leave nothing of a piece that was being written when all that there is of its day is that', () => {
    touch(join(state.sessions, `.${FIRST}.moved-1.sqlite.tmp`), join(state.sessions, `.${SECOND}.moved-1.sqlite.tmp`));
    touch(`${state.sessionStem(SECOND)}.lock`);
    removeHalfBuilt(state);
    expect(namesIn(state.sessions)).toEqual([`.${SECOND}.moved-1.sqlite.tmp`, `${SECOND}.lock`]);
  });

  it('are those before the days that are kept, when they have been over for so long', async () => {
    closedDays(FIRST, SECOND, THIRD);
    expect(await expiredAfter(100, FOURTH, 1)).toEqual([]);
    expect(await expiredAfter(101, FOURTH, 1)).toEqual([FIRST, SECOND]);
    expect(await expiredAfter(101, FOURTH, 0)).toEqual([FIRST, SECOND, THIRD]);
    expect(await expiredAfter(101, FOURTH, 9)).toEqual([]);
  });

  it('are those of a host whose clock is right, on the day that it says', async () => {
    const days = Array.from({ length: 9 }, (_, index) => `2026-11-0${String(index + 1)}` as UtcDay);
    const kept = [];
    for (const [index, today] of days.entries()) {
      touch(`${state.sessionStem(today)}.1.journal`);
      for (const day of await expiredAfter(index, today, 2)) removeOldSessions(state, [day]);
      kept.push(state.sessionDays().length);
      disk.remove(`${state.sessionStem(today)}.1.journal`);
      closedDays(today);
    }
    expect(kept).toEqual([1, 2, 3, 3, 3, 3, 3, 3, 3]);
  });

  it.each([1, 40, 400])(
    'are none on a clock that is wrong at each start, %i days further each time',
    async (byDays) => {
      closedDays(FIRST, SECOND, THIRD, FOURTH);
      for (let start = 1; start <= 20; start += 1) {
        const wrong = utcDayOf(startOfDayMs(FOURTH) + start * byDays * DAY_MS);
        touch(`${state.sessionStem(wrong)}.1.journal`);
        expect(await expiredAfter(start / 100, wrong, 1)).toEqual([]);
        disk.remove(`${state.sessionStem(wrong)}.1.journal`);
        closedDays(wrong);
      }
    },
  );

  it('are counted back from a day that is reported later', async () => {
    closedDays(FIRST, SECOND, THIRD, FOURTH);
    await expiredAfter(0, FOURTH, 1);
    expect(await expiredAfter(9, FOURTH, 1, THIRD)).toEqual([FIRST]);
  });

  it('are not yet those that are taken up again, or come later by a clock that is right', async () => {
    closedDays(FIRST, SECOND, THIRD);
    await expiredAfter(0, FOURTH, 1);
    await expiredAfter(5, SECOND, 1);
    touch(`${state.sessionStem(FIRST)}.1.journal`);
    await expiredAfter(6, FOURTH, 1);
    disk.remove(`${state.sessionStem(FIRST)}.1.journal`);
    expect(await expiredAfter(6.5, FOURTH, 1)).toEqual([]);
    expect(await expiredAfter(7, FOURTH, 1)).toEqual([SECOND]);
  });

  it('are not yet those that were taken up again and are over once more before anybody looked', async () => {
    let nowMs = startOfDayMs(FOURTH);
    disk = new SimulatedDisk({ clock: { nowMs: () => nowMs } });
    state = new StateDirectory('/state', disk);
    closedDays(FIRST, SECOND);
    await expiredAfter(0, FOURTH, 1);
    nowMs = startOfDayMs(FIRST);
    disk.remove(`${state.sessionStem(FIRST)}.sqlite`);
    closedDays(FIRST);
    expect(await expiredAfter(1, FIRST, 1)).toEqual([]);
    expect(await expiredAfter(1, FOURTH, 1)).toEqual([SECOND]);
    expect(await expiredAfter(2, FOURTH, 1)).toEqual([FIRST, SECOND]);
  });

  it('are also those of which there is only an outbox, a fetched day or what fetch noted', async () => {
    touch(`${state.outboxStem(FIRST)}.sqlite`, `${state.fetchedStem('mx2', SECOND)}.sqlite`);
    touch(state.fetchResultsFile(THIRD));
    closedDays(FOURTH);
    expect(await expiredAfter(1, FOURTH, 0)).toEqual([FIRST, SECOND, THIRD]);
  });
});

describe('What was left half-built', () => {
  it('of an identity goes once there is one', () => {
    const left = `${state.path}/.identity.94682f62-1271-4da6-91cc-6d027d57c0ec`;
    touch(left, `${state.path}/.identity.notes`, state.dayAgesFile);
    const before = namesIn(state.path);
    removeHalfBuilt(state);
    expect(namesIn(state.path)).toEqual(before);
    state.identity();
    removeHalfBuilt(state);
    expect(namesIn(state.path)).toEqual([...before.filter((name) => name !== basename(left)), 'identity']);
  });

  it('goes when there is nothing else of its day', () => {
    closedDays(FIRST);
    touch(`${state.sessions}/.${FIRST}.sqlite.tmp`, `${state.sessions}/.${SECOND}.sqlite.tmp`);
    removeHalfBuilt(state);
    expect(namesIn(state.sessions)).toEqual([`.${FIRST}.sqlite.tmp`, `${FIRST}.sqlite`]);
  });
});

describe('Removing old days', () => {
  it('knows a day for reported that was noted so, whether or not its reports are here', () => {
    closedDays(FIRST, SECOND);
    const noted = new ReportedDays(state);
    noted.note(FIRST, noted.versionOf(FIRST), undefined);
    expect(removeOldSessions(state, [FIRST, SECOND])).toEqual([
      { day: FIRST, what: 'sessions', loss: undefined },
      { day: SECOND, what: 'sessions', loss: 'never reported' },
    ]);
  });

  it('removes every file of them and none of the others, and says what was never reported', () => {
    const stem = state.sessionStem(FIRST);
    const aside = [
      `${stem}.damaged-1.sqlite`,
      `${stem}.moved-1.sqlite`,
      `${dirname(stem)}/.${FIRST}.sqlite.tmp`,
      `${stem}.lock`,
    ];
    closedDays(FIRST, SECOND, THIRD);
    touch(...aside, `${stem}.notes`, `${stem}0.sqlite`);
    touch(`${state.outboxStem(SECOND)}.sqlite`);
    touch(`${state.fetchedStem('mx2', FIRST)}.sqlite`, `${state.partialFetchedStem('mx2', FIRST)}.sqlite`);
    touch(`${state.fetchedStem('mx2', FIRST)}.original`);
    touch(`${state.fetchedStem('mx2', THIRD)}.sqlite`, state.fetchResultsFile(FIRST));
    expect(removeOldSessions(state, [FIRST, SECOND])).toEqual([
      { day: FIRST, what: 'sessions', loss: 'never reported' },
      { day: FIRST, what: 'fetched sessions', loss: 'never reported' },
      { day: SECOND, what: 'sessions', loss: undefined },
    ]);
    expect(namesIn('/state/sessions')).toEqual([`${FIRST}.notes`, `${FIRST}0.sqlite`, `${THIRD}.sqlite`]);
    expect(namesIn('/state/fetched/mx2')).toEqual([`${THIRD}.sqlite`]);
    expect(disk.status(state.fetchResultsFile(FIRST))).toBeUndefined();
  });

  it('removes with a day what of it could not be read, and no file that somebody else has put there', () => {
    const kept = [`${SECOND}T000000Z-not-json-2.json`, `${FIRST}-notes.json`, `${FIRST}T235959Z-not-json-1.json.gz`];
    const names = [`${FIRST}T235959Z-not-json-1.json`, `${FIRST}T120000Z-too-large-7.json`, ...kept];
    touch(...names.map((name) => join(state.quarantine, name)));
    expect(removeOldSessions(state, [FIRST])).toEqual([{ day: FIRST, what: 'rejected datagrams', loss: undefined }]);
    expect(namesIn(state.quarantine)).toEqual([...kept].sort());
  });

  it('leaves a day that is not closed as it is', async () => {
    closedDays(FIRST, SECOND);
    touch(`${state.sessionStem(FIRST)}.7.journal`);
    expect(await expiredAfter(9, SECOND, 0)).toEqual([]);
    expect(removeOldSessions(state, [FIRST])).toEqual([]);
    expect(namesIn('/state/sessions')).toEqual([`${FIRST}.7.journal`, `${FIRST}.sqlite`, `${SECOND}.sqlite`]);
  });

  it('does nothing where there is nothing', async () => {
    expect(await expiredAfter(9, FIRST, 0)).toEqual([]);
    expect(disk.list('/')).toEqual([]);
  });

  it('goes on when the disk refuses something, and removes that another time', async () => {
    for (let failing = 1; ; failing += 1) {
      disk = new SimulatedDisk();
      state = new StateDirectory('/state', disk);
      closedDays(FIRST, SECOND, THIRD);
      touch(`${state.fetchedStem('mx2', FIRST)}.sqlite`);
      const { happened } = disk.faults;
      disk.faults.failNth(failing, { errno: 'EACCES' });
      removeOldSessions(state, await expiredAfter(9, THIRD, 0));
      if (disk.faults.happened === happened) break;
      disk.faults.heal();
      removeOldSessions(state, await expiredAfter(9, THIRD, 0));
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
    expect(removeOldOutboxes(state, [FIRST, SECOND], read)).toEqual([
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
    expect(removeOldOutboxes(state, [FIRST], unreadable)).toEqual([]);
    expect(namesIn('/state/outbox')).toEqual([`${FIRST}.sqlite`, `${SECOND}.sqlite`]);
  });
});

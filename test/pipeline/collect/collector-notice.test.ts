import { expect, it } from 'vitest';
import { CollectorNotice } from '#pipeline/collect/collector-notice.ts';
import type { CollectorNote } from '#store/collector-note.ts';
import { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const [DAY, NEXT_DAY] = ['2026-11-19', '2026-11-20'] as UtcDay[] as [UtcDay, UtcDay];
const FULL = new Problem('disk-full', 'The disk is full.');

it('What is to be known of a collector is written when there is something new, and again where that was refused', () => {
  const clock = new ManualClock('2026-11-19T12:00:00Z');
  const startMs = clock.nowMs();
  const written: CollectorNote[] = [];
  let isRefused = false;
  const notice = new CollectorNotice({ note: (note) => !isRefused && written.push(note) > 0 }, clock);
  const told = (): CollectorNote[] => {
    notice.tell();
    return written.splice(0);
  };
  expect(told()).toEqual([]);
  notice.noteTrouble(DAY, FULL);
  clock.advance(1_000);
  notice.noteTrouble(DAY, FULL);
  notice.noteTrouble(NEXT_DAY, FULL);
  expect([told(), told()]).toEqual([[{ trouble: { code: 'disk-full', sinceMs: startMs } }], []]);
  isRefused = true;
  notice.forgetTrouble(DAY);
  expect(told()).toEqual([]);
  isRefused = false;
  expect(told()).toEqual([{ trouble: { code: 'disk-full', sinceMs: startMs + 1_000 } }]);
});

it('That datagrams of another version come is written once a minute', () => {
  const clock = new ManualClock('2026-11-19T12:00:00Z');
  const startMs = clock.nowMs();
  const written: CollectorNote[] = [];
  const notice = new CollectorNotice({ note: (note) => written.push(note) > 0 }, clock);
  for (let second = 0; second < 90; second += 1) {
    notice.noteOtherVersion();
    notice.tell();
    clock.advance(1_000);
  }
  expect(written.map(({ otherVersionMs }) => otherVersionMs)).toEqual([startMs, startMs + 60_000]);
});

it('When something last came is written once a minute, and not again while nothing comes', () => {
  const clock = new ManualClock('2026-11-19T23:58:00Z');
  const startMs = clock.nowMs();
  const written: CollectorNote[] = [];
  const notice = new CollectorNotice({ note: (note) => written.push(note) > 0 }, clock, startMs - 3_600_000);
  for (let second = 0; second < 180; second += 1) {
    if (second >= 10 && second < 90) notice.noteDatagrams();
    notice.tell();
    clock.advance(1_000);
  }
  const times = written.map(({ lastDatagramMs = 0 }) => (lastDatagramMs - startMs) / 1_000);
  expect(times).toEqual([-3_600, 10, 70]);
});

it('That days cannot be added up is written beside that they cannot be written', () => {
  const clock = new ManualClock('2026-11-19T12:00:00Z');
  const startMs = clock.nowMs();
  const written: CollectorNote[] = [];
  const notice = new CollectorNotice({ note: (note) => written.push(note) > 0 }, clock);
  const told = (): CollectorNote | undefined => {
    notice.tell();
    return written.splice(0)[0];
  };
  notice.noteTallyTrouble(DAY, FULL);
  notice.noteTrouble(NEXT_DAY, FULL);
  const trouble = { code: 'disk-full', sinceMs: startMs };
  expect(told()).toMatchObject({ trouble, tallyTrouble: trouble });
  notice.forgetTrouble(DAY);
  notice.forgetTallyTrouble(NEXT_DAY);
  expect(told()).toBeUndefined();
  notice.forgetTallyTrouble(DAY);
  expect(told()).toEqual({ trouble });
});

it('Test datagrams that come together are all written, as many as whoever looks at once may have sent', () => {
  const clock = new ManualClock('2026-11-19T12:00:00Z');
  const written: CollectorNote[] = [];
  const notice = new CollectorNotice({ note: (note) => written.push(note) > 0 }, clock);
  for (const digit of '12345') notice.noteProbe(digit.repeat(16));
  notice.tellOfProbe();
  expect(written.map(({ probes }) => probes)).toEqual([['2', '3', '4', '5'].map((digit) => digit.repeat(8))]);
});

import { beforeEach, describe, expect, it } from 'vitest';
import type { LogEvent } from '#events/event.ts';
import { CollectFigures } from '#pipeline/collect/collect-figures.ts';
import { Complaints } from '#pipeline/collect/complaints.ts';
import type { OpenDay } from '#pipeline/collect/open-day.ts';
import { TallyListener } from '#pipeline/collect/tally-listener.ts';
import type { RejectionReason } from '#store/tally/session-tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const [DAY, OTHER_DAY] = ['2026-11-19', '2026-11-18'] as UtcDay[] as [UtcDay, UtcDay];
const COUNTS = { datagrams: 10, rejected: 2, recognised: 7, otherVersions: 0 };

let figures: CollectFigures;
let events: LogEvent[];
let nowMs: number;
let noted: unknown[];
let otherVersions: number;
let came: number;
let troubles: Map<UtcDay, string>;
let listener: TallyListener;

beforeEach(() => {
  [figures, events, nowMs, noted, otherVersions, came] = [new CollectFigures(), [], 0, [], 0, 0];
  troubles = new Map();
  const log = (event: LogEvent): void => void events.push(event);
  // Only what a listener asks of a day.
  const open = {
    noteRejected: (...rejection: unknown[]) => noted.push(rejection),
    noteTallied: (frame: number) => frame > 5,
  } as unknown as OpenDay;
  const dayOf = (day: UtcDay): OpenDay | undefined => (day === DAY ? open : undefined);
  listener = new TallyListener({
    log,
    figures,
    complaints: new Complaints(log, () => nowMs),
    notice: {
      noteOtherVersion: () => (otherVersions += 1),
      noteDatagrams: () => (came += 1),
      noteTallyTrouble: (day, { code }) => troubles.set(day, code),
      forgetTallyTrouble: (day) => troubles.delete(day),
    },
    dayOf,
    closed: () => undefined,
  });
});

const names = (): string[] => events.map(({ name }) => name);

describe('Whoever listens to the tally', () => {
  it('counts what this run journaled, and nothing of an earlier one', () => {
    listener.hear({ kind: 'tallied', day: DAY, frame: 5, ...COUNTS });
    listener.hear({ kind: 'tallied', day: OTHER_DAY, frame: 6, ...COUNTS });
    expect(figures).toMatchObject({ tallied: 0, rejected: 0, recognised: 0 });
    listener.hear({ kind: 'tallied', day: DAY, frame: 6, datagrams: 0, rejected: 0, recognised: 0, otherVersions: 0 });
    expect(came).toBe(0);
    listener.hear({ kind: 'tallied', day: DAY, frame: 6, ...COUNTS });
    listener.hear({ kind: 'tallied', day: DAY, frame: 7, ...COUNTS });
    expect(came).toBe(2);
    expect(figures).toMatchObject({ tallied: 20, rejected: 4, recognised: 14 });
    listener.hear({ kind: 'checkpointed', day: DAY });
    expect([figures.checkpoints, events]).toEqual([1, []]);
  });

  it('says once a minute that a datagram is of another version of the protocol', () => {
    for (const count of [0, 3, 1])
      listener.hear({ kind: 'tallied', day: DAY, frame: 6, ...COUNTS, otherVersions: count });
    expect(names()).toEqual(['datagram-of-other-version']);
    expect(otherVersions).toBe(2);
  });

  it('passes on what was rejected, and says so once a minute for each kind', () => {
    const rejected = (reason: RejectionReason, keptAs?: string): void => {
      listener.hear({ kind: 'rejected', day: DAY, frame: 6, number: 3, reason, keptAs });
    };
    for (let count = 0; count < 100; count += 1) rejected('not-json', '/quarantine/1');
    rejected('no-domain');
    nowMs = 60_000;
    rejected('not-json');
    expect(noted).toHaveLength(102);
    expect(noted[0]).toEqual([6, 3, 'not-json']);
    expect(events.map(({ name, facts }) => [name, facts['reason'], facts['keptAs']])).toEqual([
      ['datagram-unreadable', 'not-json', '/quarantine/1'],
      ['datagram-unreadable', 'no-domain', undefined],
      ['datagram-unreadable', 'not-json', undefined],
    ]);
  });

  it('says what keeps a day from being added up once a minute, and when that is over', () => {
    const trouble = { kind: 'trouble', code: 'disk-full', message: 'No space is left.' } as const;
    for (const day of [DAY, DAY, OTHER_DAY, DAY]) listener.hear({ ...trouble, day });
    expect(names()).toEqual(['checkpoint-failed', 'checkpoint-failed']);
    expect([...troubles]).toEqual([
      [DAY, 'disk-full'],
      [OTHER_DAY, 'disk-full'],
    ]);
    listener.hear({ kind: 'trouble-over', day: DAY });
    expect([...troubles.keys()]).toEqual([OTHER_DAY]);
    listener.hear({ ...trouble, day: DAY });
    listener.hear({ ...trouble, day: OTHER_DAY });
    expect(names().slice(2)).toEqual(['tally-recovered', 'checkpoint-failed']);
  });

  it('says what was found damaged or torn, and what was closed', () => {
    const setAside = { why: 'a page', setAside: 'x.damaged-1.sqlite', rows: 3 };
    listener.hear({ kind: 'set-aside', day: DAY, ...setAside } as never);
    listener.hear({ kind: 'damaged', day: DAY, why: 'a frame' });
    listener.hear({ kind: 'torn', day: DAY, bytes: 12 });
    listener.hear({ kind: 'closed', day: DAY, wasClosed: false });
    listener.hear({ kind: 'closed', day: OTHER_DAY, wasClosed: true });
    expect(names()).toEqual(['damaged-day-set-aside', 'journal-damaged', 'journal-torn', 'day-closed']);
    for (const { message } of events) expect(message).toContain(DAY);
  });
});

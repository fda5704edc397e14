import { beforeEach, describe, expect, it } from 'vitest';
import { changeInPlace } from '#store/durable/change-in-place.ts';
import type { DatabaseContext } from '#store/durable/database-file.ts';
import { beginJournal } from '#store/durable/journal-files.ts';
import { formatFrame, frameKind, HEADER_BYTES, newHeader } from '#store/durable/journal-format.ts';
import type { Frame } from '#store/durable/journal-format.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { SessionDayReader } from '#store/sessions/session-day.ts';
import type { DayNews } from '#store/tally/day-news.ts';
import { DayTallier } from '#store/tally/day-tallier.ts';
import { systemClock } from '#support/clock.ts';
import { writeFully } from '#support/durable-file.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { payloadOf, writeDay } from '#test/support/day-files.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const STEM = '/state/sessions/2026-11-19';
const IDENTITY = { day: '2026-11-19' as UtcDay, origin: 'here' };
const A = makeDatagram({ domain: 'a.example', failures: [{ code: 201 }] });
const B = makeDatagram({ domain: 'b.example' });

let context: DatabaseContext;

beforeEach(async () => {
  context = { sqlite: await loadSqlite(), disk: new SimulatedDisk() };
});

/** A datagram under the highest number that fits into a frame. */
function numberedBeyondAll(): Buffer {
  const payload = Buffer.from(payloadOf([A]));
  payload.writeUInt32LE(4_294_967_295, 8);
  payload.writeUInt32LE(4_294_967_295, payload.length - 8);
  return payload;
}

/** Whole frames, between two that say what came. */
function writeFrames(odd: Pick<Frame, 'kind' | 'payload'>): void {
  writeDay(context, { stem: STEM, identity: IDENTITY, datagrams: [A], ending: 'open' });
  const { disk } = context;
  const { fd, header } = beginJournal(disk, STEM, newHeader(2, 3));
  const frames = [odd, { kind: frameKind.datagrams, payload: payloadOf([B]) }].map((frame, index) =>
    formatFrame({ ...frame, number: 3 + index, safeFrame: 2 }, header.salt),
  );
  writeFully(fd, Buffer.concat(frames), HEADER_BYTES, disk);
  disk.sync(fd);
  disk.close(fd);
}

function change(sql: string): void {
  changeInPlace(context, `${STEM}.sqlite`, (database) => {
    database.execute(sql);
  });
}

/** What any reader makes of it. */
function readDay(): { domains: string[]; unreadable: string[] } {
  const reader = SessionDayReader.open(context, STEM);
  const domains = [...(reader?.domainTallies() ?? [])].map(({ domain }) => domain);
  const unreadable = reader?.unreadable() ?? [];
  reader?.close();
  return { domains, unreadable };
}

/** Goes on with the day, with the session of another domain. Returns what is said of it. */
function goOn(): DayNews[] {
  const news: DayNews[] = [];
  const tallier = new DayTallier({ ...context, stem: STEM, news: (each) => news.push(each), clock: systemClock });
  while (tallier.step());
  tallier.checkpoint();
  tallier.close();
  return news;
}

const { statements, datagrams } = frameKind;
const ODD_FRAMES = [
  ['has a number that no datagram has', { kind: datagrams, payload: numberedBeyondAll() }],
  ['ends in the middle', { kind: datagrams, payload: payloadOf([A]).subarray(0, 30) }],
  ['is text of somebody else', { kind: statements, payload: Buffer.from('not JSON') }],
  ['names no column for its values', { kind: statements, payload: Buffer.from('["count",[],[1,2]]\n') }],
] as const;

describe('What nobody wrote as a day', () => {
  it.each(ODD_FRAMES)('costs itself alone: a frame that %s', (_, odd) => {
    writeFrames(odd);
    const said = goOn();
    expect(said).toContainEqual({ kind: 'damaged', why: 'transactions 3 to 3 cannot be read' });
    expect(readDay()).toEqual({ domains: ['a.example', 'b.example'], unreadable: [] });
    expect(context.disk.status(`${STEM}.2.damaged-1.journal`)).toBeDefined();
  });

  it('costs itself alone for those who read a day that is open', () => {
    writeFrames({ kind: datagrams, payload: numberedBeyondAll() });
    expect(readDay()).toEqual({
      domains: ['a.example', 'b.example'],
      unreadable: ['transactions 3 to 3 cannot be read'],
    });
  });

  it.each([
    [
      'a policy with a number beyond all',
      "INSERT INTO policies VALUES (5e12, 'x.example', NULL, 'sts', 'x', '[]', '[]', 1, 0)",
    ],
    ['a failure with a number beyond all', "INSERT INTO failures (id, policy_id, result_type) VALUES (5e12, 1, 'x')"],
    ['a datagram with a number beyond all', "INSERT INTO datagrams VALUES (5e12, '[[1,1,1]]')"],
    ['a datagram that counts a policy beyond all', "INSERT INTO datagrams VALUES (9, '[[4000000000,1,1]]')"],
    ['a datagram that counts what is not there', "INSERT INTO datagrams VALUES (9, '[[77,2,1]]')"],
  ])('costs itself alone: %s', (_, sql) => {
    writeDay(context, { stem: STEM, identity: IDENTITY, datagrams: [A], ending: 'checkpointed' });
    change(sql);
    writeDay(context, { stem: STEM, identity: IDENTITY, datagrams: [B], ending: 'open' });
    const [first] = goOn();
    expect(first).toMatchObject({ kind: 'set-aside', rows: 2 });
    expect(readDay()).toEqual({ domains: ['a.example', 'b.example'], unreadable: [] });
  });

  it('takes nothing into a file that holds another day', () => {
    writeDay(context, {
      stem: STEM,
      identity: { ...IDENTITY, day: '2026-11-18' as UtcDay },
      datagrams: [A],
      ending: 'closed',
    });
    expect(goOn).toThrow('holds the sessions of 2026-11-18: it was copied or renamed');
  });

  it('gives its number to what is new, for those who read a day that is open', () => {
    writeDay(context, { stem: STEM, identity: IDENTITY, datagrams: [A], ending: 'checkpointed' });
    change("INSERT INTO policies VALUES (2, 'x.example', NULL, 'sts', 'x', 'not JSON', '[]', 1, 0)");
    writeDay(context, { stem: STEM, identity: IDENTITY, datagrams: [B], ending: 'open' });
    expect(readDay()).toEqual({
      domains: ['a.example', 'b.example'],
      unreadable: ['1 of its rows cannot be read'],
    });
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { SessionDayBuilder } from '#store/sessions/session-day-builder.ts';
import { SessionDayReader } from '#store/sessions/session-day.ts';
import { SessionTally } from '#store/tally/session-tally.ts';
import type { SessionChanges } from '#store/tally/session-changes.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { payloadOf, writeDay } from '#test/support/day-files.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const STEM = '/state/copy/2026-11-19';
const IDENTITY = { day: '2026-11-19' as UtcDay, origin: 'there' };
const A = makeDatagram({ domain: 'a.example', failures: [{ code: 201 }] });
const B = makeDatagram({ domain: 'b.example' });
const sqlite = await loadSqlite();

let disk: SimulatedDisk;

beforeEach(() => {
  disk = new SimulatedDisk();
  disk.makeDirectory('/state');
  disk.makeDirectory('/state/copy');
});

/** What a tally has of the first datagrams, then of the others. */
function changesInParts(...parts: readonly Buffer[][]): SessionChanges[] {
  const tally = new SessionTally();
  return parts.map((datagrams) => {
    tally.take(payloadOf(datagrams));
    const changes = tally.changes();
    tally.settle();
    return changes;
  });
}

function create(): SessionDayBuilder {
  return SessionDayBuilder.create({ sqlite, disk }, STEM, IDENTITY);
}

function found(): unknown {
  const reader = SessionDayReader.open({ sqlite, disk }, STEM);
  if (!reader) return undefined;
  const { identity, closed } = reader;
  const domains = [...reader.domainTallies()].map(({ domain, policies: [tally] }) => [
    domain,
    tally?.successful,
    tally?.failed,
  ]);
  reader.close();
  return { identity, closed, domains };
}

describe('A day that somebody else added up', () => {
  it('is a closed day with everything that was added, once it is finished', () => {
    const builder = create();
    for (const changes of changesInParts([A], [A, B])) builder.add(changes);
    expect(found()).toBeUndefined();
    builder.finish();
    expect(found()).toEqual({
      identity: IDENTITY,
      closed: true,
      domains: [
        ['a.example', 0, 2],
        ['b.example', 1, 0],
      ],
    });
    expect(disk.list('/state/copy')).toEqual(['2026-11-19.sqlite']);
  });

  it('takes the place of what was there', () => {
    const identity = { ...IDENTITY, origin: 'here' };
    writeDay({ sqlite, disk }, { stem: STEM, identity, datagrams: [A, B], ending: 'checkpointed' });
    const builder = create();
    builder.finish();
    expect(found()).toEqual({ identity: IDENTITY, closed: true, domains: [] });
    expect(disk.list('/state/copy')).toEqual(['2026-11-19.sqlite']);
  });

  it('leaves nothing behind when it is discarded, or cannot be written', () => {
    const builder = create();
    for (const changes of changesInParts([A])) builder.add(changes);
    builder.discard();
    expect(disk.list('/state/copy')).toEqual([]);
    const unlucky = create();
    disk.faults.failNext('rename', { errno: 'ENOSPC' });
    expect(() => {
      unlucky.finish();
    }).toThrow(expect.objectContaining({ code: 'disk-full' }));
    expect(disk.list('/state/copy')).toEqual([]);
  });
});

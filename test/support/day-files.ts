/**
 * Day files as a collector leaves them, written without waiting: frames in a journal, and what a tally makes of them.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemClock } from '#support/clock.ts';
import { ensureDirectory, writeFully } from '#support/durable-file.ts';
import { formatChanges } from '#store/durable/changes.ts';
import { databasePaths, readDatabase } from '#store/durable/database-file.ts';
import type { DatabaseContext } from '#store/durable/database-file.ts';
import { beginJournal } from '#store/durable/journal-files.ts';
import { FRAME_HEADER_BYTES, formatFrame, frameKind, HEADER_BYTES, newHeader } from '#store/durable/journal-format.ts';
import type { Frame } from '#store/durable/journal-format.ts';
import { sessionDayKind } from '#store/sessions/session-day.ts';
import type { SessionDayIdentity } from '#store/sessions/session-day.ts';
import { DatagramBatch } from '#store/tally/datagram-payload.ts';
import { DayTallier } from '#store/tally/day-tallier.ts';

/** `open`: the journals hold what is new. `checkpointed`: the snapshot has everything, and the last journal stays. */
export type DayEnding = 'open' | 'checkpointed' | 'closed';

export interface DayFiles {
  /** The path of the day without `.sqlite`. */
  readonly stem: string;
  readonly identity: SessionDayIdentity;
  readonly datagrams: readonly Buffer[];
  readonly ending: DayEnding;
}

/** Called again, more of the day. */
export function writeDay(context: DatabaseContext, day: DayFiles): void {
  ensureDirectory(dirname(day.stem), context.disk);
  writeJournal(context, day);
  if (day.ending !== 'open') tallyDay(context, day.stem, day.ending);
}

/** In another journal of the day. */
export function writeFrames(
  context: DatabaseContext,
  stem: string,
  frames: readonly Pick<Frame, 'kind' | 'payload'>[],
): void {
  const { disk } = context;
  const { lastFrame, lastJournal } = placeOf(context, stem);
  const { fd, header } = beginJournal(disk, stem, newHeader(lastJournal + 1, lastFrame + 1));
  const bytes = frames.map((frame, index) =>
    formatFrame({ ...frame, number: lastFrame + 1 + index, safeFrame: lastFrame }, header.salt),
  );
  writeFully(fd, Buffer.concat(bytes), HEADER_BYTES, disk);
  disk.sync(fd);
  disk.close(fd);
}

/** Everything that the journals hold goes into the snapshot. */
export function tallyDay(context: DatabaseContext, stem: string, ending: Exclude<DayEnding, 'open'>): void {
  const tallier = new DayTallier({ ...context, stem, news: () => undefined, clock: systemClock });
  if (ending === 'closed') tallier.end(false);
  while (tallier.step());
  if (ending === 'checkpointed') tallier.checkpoint();
  tallier.close();
}

/** As a later version of this program would leave a file: SQLite's user_version is at byte 60. */
export function makeNewer(file: string): void {
  const fd = openSync(file, 'r+');
  writeSync(fd, Buffer.from([0, 0, 0, 99]), 0, 4, 60);
  closeSync(fd);
}

/** One payload in which each datagram comes once, under numbers that begin anew. */
export function payloadOf(datagrams: readonly Uint8Array[]): Buffer {
  return payloadIn(frameOf(datagrams));
}

/** What a frame says, behind the room for its header. */
export function payloadIn(frame: Buffer): Buffer {
  return frame.subarray(FRAME_HEADER_BYTES);
}

/** The same as a frame whose header is still to be filled in. */
export function frameOf(datagrams: readonly Uint8Array[]): Buffer {
  const batch = new DatagramBatch();
  batch.beginAnew();
  datagrams.forEach((bytes, number) => {
    batch.define(number, bytes);
    batch.count(number);
  });
  return batch.cut();
}

function writeJournal(context: DatabaseContext, { stem, identity, datagrams }: DayFiles): void {
  const begin = formatChanges([['begin-day', { day: identity.day, origin: identity.origin }]]);
  writeFrames(context, stem, [
    ...(placeOf(context, stem).lastFrame === 0 ? [{ kind: frameKind.statements, payload: begin }] : []),
    { kind: frameKind.datagrams, payload: payloadOf(datagrams) },
  ]);
}

function placeOf(context: DatabaseContext, stem: string): { lastFrame: number; lastJournal: number } {
  const content = readDatabase(context, databasePaths(stem), sessionDayKind);
  content?.database.close();
  return content ?? { lastFrame: 0, lastJournal: 0 };
}

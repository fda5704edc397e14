/**
 * The note about a day as a document, and back. What is read is foreign: of another form, it is undefined.
 */
import { z } from 'zod';
import type { DayNote } from '#pipeline/publish/day-index.ts';
import { parseUtcDay } from '#tlsrpt/utc-day.ts';

/** An origin of another form is none of ours. */
export const ORIGIN = /^[\w-]{1,100}$/;

const MAX_LEFT_OUT = 100;
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const shape = z.object({
  day: z.string(),
  origin: z.string().regex(ORIGIN),
  host: z.string().max(255),
  closed: z.boolean(),
  publication: count,
  published: count,
  documents: count,
  'total-successful-session-count': count,
  'total-failure-session-count': count,
  'left-out': z.array(z.string().max(1_000)).max(MAX_LEFT_OUT),
  version: z.string().max(100),
  'published-at': count,
});

export interface StoredNote {
  readonly note: DayNote;
  /** The last publication that was begun. */
  readonly publication: number;
  /** The last one of which all is there; 0 for none. */
  readonly published: number;
}

export function noteDocument({ note, publication, published }: StoredNote): object {
  const { day, origin, host, closed, documents, successful, failed, leftOut, version, publishedSeconds } = note;
  return {
    day,
    origin,
    host,
    closed,
    publication,
    published,
    documents,
    'total-successful-session-count': successful,
    'total-failure-session-count': failed,
    'left-out': leftOut.slice(0, MAX_LEFT_OUT).map((phrase) => phrase.slice(0, 1_000)),
    version,
    'published-at': publishedSeconds,
  };
}

export function readNote(source: unknown): StoredNote | undefined {
  const reading = shape.safeParse(source);
  const day = reading.success ? parseUtcDay(reading.data.day) : undefined;
  if (!reading.success || day === undefined) return undefined;
  const { origin, host, closed, publication, published, documents, version } = reading.data;
  const [successful, failed] = [
    reading.data['total-successful-session-count'],
    reading.data['total-failure-session-count'],
  ];
  const [leftOut, publishedSeconds] = [reading.data['left-out'], reading.data['published-at']];
  return {
    note: { day, origin, host, closed, documents, successful, failed, leftOut, version, publishedSeconds },
    publication,
    published,
  };
}

import { describe, expect, it } from 'vitest';
import { formatNote, parseNote } from '#store/collector-note.ts';
import type { CollectorNote } from '#store/collector-note.ts';
import { MOST_NOTED } from '#tlsrpt/probe.ts';

const TIME_MS = Date.parse('2026-11-19T12:00:00.250Z');
const PROBES = Array.from({ length: MOST_NOTED }, (_, index) => `0123456${String(index)}`);
/** Of the lock. */
const ROOM_BYTES = 182;

describe('The note of a collector', () => {
  it.each<CollectorNote>([
    {},
    { trouble: { code: 'disk-full', sinceMs: TIME_MS } },
    { tallyTrouble: { code: 'store-not-writable', sinceMs: TIME_MS - 250 } },
    { probes: ['01234567'] },
    { otherVersionMs: TIME_MS },
    { lastDatagramMs: TIME_MS - 250 },
    {
      trouble: { code: 'store-not-writable', sinceMs: TIME_MS },
      probes: PROBES,
      otherVersionMs: TIME_MS,
      lastDatagramMs: TIME_MS - 250,
      tallyTrouble: { code: 'store-wrong-schema', sinceMs: TIME_MS - 250 },
    },
  ])('is read as it was written, and has room in the lock: %j', (note) => {
    expect(parseNote(formatNote(note))).toEqual(note);
    expect(formatNote(note).length).toBeLessThanOrEqual(ROOM_BYTES);
  });

  it('says nothing in words that nobody knows', () => {
    expect(
      parseNote(
        'usage-error 2026-11-19T12:00:00.250Z probe=XYZ other-version=now last=? tally=usage-error,t6zx1c new=1',
      ),
    ).toEqual({});
  });
});

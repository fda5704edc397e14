import { describe, expect, it } from 'vitest';
import { StoredReadings } from '#pipeline/read/stored-readings.ts';
import type { InboundReading } from '#pipeline/read/inbound-reading.ts';
import type { EntryToPack } from '#store/inbound/inbound-content.ts';
import type { PackedEntry } from '#store/inbound/inbound-entry.ts';
import { Problem } from '#support/problem.ts';
import { entryToPack } from '#test/support/inbound-entries.ts';

type ReadReport = Extract<InboundReading, { kind: 'report' }>;

const reading: ReadReport = { kind: 'report', ...entryToPack() };
const disk = new Problem('disk-full', 'the disk is full');

/** Each report takes as many bytes in a store that stores all but the first `refused` groups. */
function newReadings(sizeBytes: number, refused = 0) {
  const groups: number[] = [];
  const told: Problem[] = [];
  const readings = new StoredReadings({
    inbound: {
      pack: (entry: EntryToPack) => ({ ...entry.place, summary: new Uint8Array(sizeBytes) }) as unknown as PackedEntry,
      save: (entries, note) => {
        groups.push(entries.length);
        const isRefused = groups.length <= refused;
        if (isRefused) note(disk, entries);
        return Promise.resolve({ stored: isRefused ? 0 : entries.length, known: 0 });
      },
    },
    keepDays: 400,
    clock: { nowMs: () => Date.parse('2026-02-01T03:00:00Z') },
    note: (problem) => told.push(problem),
  });
  return { readings, groups, told };
}

describe('Reports that are read to be kept', () => {
  it('are stored many at a time, before they take too much memory', async () => {
    const { readings, groups } = newReadings(3_000_000);
    for (let count = 0; count < 7; count += 1) await readings.add(reading);
    expect([groups, readings.counts.stored]).toEqual([[3, 3], 6]);
    await readings.finish();
    await readings.finish();
    expect([groups, readings.counts.stored]).toEqual([[3, 3, 1], 7]);
  });

  it('are counted where they cannot be stored, which is told once, and others go on', async () => {
    const { readings, groups, told } = newReadings(20_000_000, 2);
    for (let count = 0; count < 3; count += 1) await readings.add(reading);
    expect([groups, told, readings.counts]).toEqual([
      [1, 1, 1],
      [disk],
      { stored: 1, known: 0, tooOld: 0, notStored: 2 },
    ]);
  });
});

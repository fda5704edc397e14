import { readdirSync, readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { Complaints } from '#pipeline/collect/complaints.ts';
import { Collected } from '#test/support/collected.ts';

const NOW_MS = Date.parse('2026-11-19T12:00:00Z');
const BYTES = Buffer.from('what is this');

let collected: Collected;

beforeEach(async () => {
  collected = await Collected.make();
});

describe('Complaints about datagrams', () => {
  it('are made once a minute for each kind', () => {
    const complaints = new Complaints(collected);
    for (let afterMs = 0; afterMs <= 120_000; afterMs += 500) {
      complaints.about(BYTES, 'not-json', NOW_MS + afterMs);
      if (afterMs < 60_000) complaints.about(BYTES, 'no-domain', NOW_MS + afterMs);
    }
    expect(collected.events.map(({ facts }) => facts['reason'])).toEqual([
      'not-json',
      'no-domain',
      'not-json',
      'not-json',
    ]);
  });

  it('are made at once after the clock was set back', () => {
    const complaints = new Complaints(collected);
    complaints.about(BYTES, 'not-json', NOW_MS);
    complaints.about(BYTES, 'not-json', NOW_MS - 1);
    expect(collected.events).toHaveLength(2);
  });

  it('come with a sample as it was received, as long as there is room for another', () => {
    const complaints = new Complaints(collected);
    for (let minute = 0; minute < 101; minute += 1) complaints.about(BYTES, 'not-json', NOW_MS + minute * 60_000);
    const kept = collected.events.map(({ facts }) => facts['keptAs']);
    expect([typeof kept[99], kept[100]]).toEqual(['string', undefined]);
    expect(readFileSync(String(kept[0]))).toEqual(BYTES);
    expect(readdirSync(collected.state.quarantine)).toHaveLength(100);
    expect(collected.events.at(-1)?.message).toContain('quarantine is full');
  });
});

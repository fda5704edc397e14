import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { Complaints } from '#pipeline/collect/complaints.ts';
import { quarantineLimits } from '#store/quarantine.ts';
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

  it('come with a sample as it was received, the newest in place of the oldest', () => {
    const complaints = new Complaints(collected);
    for (let minute = 0; minute < 101; minute += 1) complaints.about(BYTES, 'not-json', NOW_MS + minute * 60_000);
    const kept = collected.events.map(({ facts }) => String(facts['keptAs']));
    expect(kept.filter((path) => existsSync(path))).toEqual(kept.slice(-quarantineLimits.filesOfAKind));
    expect(readFileSync(kept.at(-1) ?? '')).toEqual(BYTES);
  });

  it('come without a sample when none can be kept', () => {
    const complaints = new Complaints(collected);
    mkdirSync(collected.state.path);
    writeFileSync(collected.state.quarantine, '');
    complaints.about(BYTES, 'not-json', NOW_MS);
    expect(collected.events.map(({ message }) => message)).toEqual([
      'A datagram could not be read (not-json); no sample of it could be kept.',
    ]);
  });
});

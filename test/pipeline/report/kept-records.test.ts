import { describe, expect, it } from 'vitest';
import { KeptRecords } from '#pipeline/report/kept-records.ts';
import type { RecordAnswer } from '#pipeline/report/look-up-records.ts';
import type { TextPlace } from '#store/scratch-texts.ts';

class FakeScratch {
  readonly texts: string[] = [];

  put(text: string): TextPlace {
    this.texts.push(text);
    return { position: this.texts.length - 1, sizeBytes: text.length };
  }

  read({ position }: TextPlace): string {
    return this.texts[position] ?? '';
  }
}

function record(text: string): RecordAnswer {
  return { kind: 'record', record: text };
}

describe('The records of any number of domains', () => {
  it('are all known, while no more text is in memory than there may be', () => {
    const scratch = new FakeScratch();
    const kept = new KeptRecords(scratch, 100);
    const domains = Array.from({ length: 1_000 }, (_, index) => `d${String(index)}.example`);
    for (const domain of domains) kept.set(domain, record(domain.padStart(20)));
    expect(scratch.texts).toHaveLength(995);
    expect(domains.map((domain) => kept.get(domain))).toEqual(domains.map((domain) => record(domain.padStart(20))));
  });

  it('take room once where they are the same', () => {
    const scratch = new FakeScratch();
    const kept = new KeptRecords(scratch, 30);
    const absent: RecordAnswer = { kind: 'absent', why: 'it publishes none' };
    for (const domain of ['a.example', 'b.example', 'c.example']) kept.set(domain, record('one'));
    for (const domain of ['d.example', 'e.example', 'f.example']) kept.set(domain, absent);
    expect(scratch.texts).toEqual([]);
    expect([kept.get('c.example'), kept.get('f.example')]).toEqual([record('one'), absent]);
    expect(kept.get('a.example')).toBe(kept.get('c.example'));
  });
});

import { describe, expect, it } from 'vitest';
import { Counters } from '#pipeline/collect/counters.ts';

describe('Counters', () => {
  it('add up sums and keep the highest of each peak, their own and those of others', () => {
    const [counters, others] = [new Counters(), new Counters()];
    counters.add('datagrams', 3);
    counters.peak('ring', 10);
    others.add('datagrams', 4);
    others.add('rejected', 1);
    others.peak('ring', 7);
    others.peak('pause', 2);
    counters.addAll(others);
    expect(Object.fromEntries(counters.sums)).toEqual({ datagrams: 7, rejected: 1 });
    expect(Object.fromEntries(counters.peaks)).toEqual({ ring: 10, pause: 2 });
  });
});

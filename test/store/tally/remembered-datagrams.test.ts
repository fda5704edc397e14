import { describe, expect, it } from 'vitest';
import { countOf, RememberedDatagrams } from '#store/tally/remembered-datagrams.ts';

const ENTRIES = [
  { id: 4, as: countOf.failedSessions, times: 1 },
  { id: 9, as: countOf.failures, times: 7 },
];

describe('Datagrams that are remembered', () => {
  it('stand for what they count, or for why they could not be read', () => {
    const datagrams = new RememberedDatagrams<'odd' | 'torn'>();
    datagrams.remember(0, ENTRIES);
    datagrams.remember(5_000, []);
    datagrams.reject(2, 'odd');
    datagrams.reject(3, 'torn');
    datagrams.reject(4, 'odd');
    expect([0, 1, 2, 3, 4, 5_000].map((number) => datagrams.isDefined(number))).toEqual([
      true,
      false,
      true,
      true,
      true,
      true,
    ]);
    expect([0, 2, 3, 4].map((number) => datagrams.reasonOf(number))).toEqual([undefined, 'odd', 'torn', 'odd']);
    expect([datagrams.entriesOf(0), datagrams.entriesOf(5_000)]).toEqual([ENTRIES, []]);
  });

  it('take one entry for what is counted many times', () => {
    const datagrams = new RememberedDatagrams();
    datagrams.remember(1, [...ENTRIES, ...ENTRIES, { id: 4, as: countOf.failures, times: 1 }]);
    expect(datagrams.entriesOf(1)).toEqual([
      { id: 4, as: countOf.failedSessions, times: 2 },
      { id: 9, as: countOf.failures, times: 14 },
      { id: 4, as: countOf.failures, times: 1 },
    ]);
  });

  it('are forgotten all at once', () => {
    const datagrams = new RememberedDatagrams();
    datagrams.remember(1, ENTRIES);
    datagrams.reject(2, 'odd');
    datagrams.forgetAll();
    expect([1, 2].map((number) => datagrams.isDefined(number))).toEqual([false, false]);
    datagrams.remember(2, ENTRIES.slice(1));
    expect(datagrams.entriesOf(2)).toEqual(ENTRIES.slice(1));
  });
});

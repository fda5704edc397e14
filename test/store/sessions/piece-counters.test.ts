import { expect, it } from 'vitest';
import { digestOfDay } from '#store/sessions/day-digest.ts';
import {
  beforeCounter,
  contentCounter,
  contentCountersIn,
  IN_DOUBT,
  IS_IN,
  MOVED_LEFT_OUT,
  numbersIn,
  pieceCounter,
  problemsIn,
} from '#store/sessions/piece-counters.ts';
import { isTypeName } from '#tlsrpt/type-name.ts';

const phrasesOf = (counters: Readonly<Record<string, number>>): string[] =>
  problemsIn(new Map(Object.entries(counters)), '2026-11-19').map(({ phrase }) => phrase);

it('Counters of pieces are told from all others', () => {
  const others = ['datagrams', MOVED_LEFT_OUT, 'moved-0', 'moved-1000000', 'moved-1x', 'xmoved-1'];
  expect(numbersIn([pieceCounter({ number: 7 }), ...others, 'moved-999999'])).toEqual([7, 999_999]);
});

it('What was moved is known by the digest of it, under a name that other hosts take', () => {
  const [one, other] = ['a', 'b'].map((domain) => digestOfDay([{ domain, record: undefined, policies: [] }]));
  const [counter, ...more] = [one, other, one].map((digest) => contentCounter(digest ?? ''));
  expect([counter === more[0], counter === more[1], isTypeName(counter)]).toEqual([false, true, true]);
  const names = [String(counter), 'moved-1', 'datagrams'];
  expect([contentCountersIn(names), numbersIn(names)]).toEqual([[counter], [1]]);
});

it('What was served of the day before is known in the same way, and is not taken for what was moved', () => {
  const digest = digestOfDay([{ domain: 'a', record: undefined, policies: [] }]);
  const counter = beforeCounter(digest);
  expect([counter === contentCounter(digest), isTypeName(counter)]).toEqual([false, true]);
  expect(contentCountersIn([counter, 'moved-1'])).toEqual([counter]);
});

it('A day is short of pieces that are left out, and may be of those that nobody can tell of', () => {
  expect(phrasesOf({ datagrams: 0, 'moved-1': IS_IN, [MOVED_LEFT_OUT]: 0 })).toEqual([]);
  expect(phrasesOf({ 'moved-1': IN_DOUBT, 'moved-2': IN_DOUBT, 'moved-3': IS_IN, [MOVED_LEFT_OUT]: 1 })).toEqual([
    '1 of the files that tlsrpt import sys4 moved into 2026-11-19 could not be counted',
    'Whether 2 of the files that tlsrpt import sys4 moved into 2026-11-19 came in cannot be told',
  ]);
});

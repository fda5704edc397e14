import { expect, it } from 'vitest';
import {
  IN_DOUBT,
  IS_IN,
  MOVED_LEFT_OUT,
  numbersIn,
  pieceCounter,
  problemsIn,
} from '#store/sessions/piece-counters.ts';

const phrasesOf = (counters: Readonly<Record<string, number>>): string[] =>
  problemsIn(new Map(Object.entries(counters)), '2026-11-19').map(({ phrase }) => phrase);

it('Counters of pieces are told from all others', () => {
  const others = ['datagrams', MOVED_LEFT_OUT, 'moved-0', 'moved-1000000', 'moved-1x', 'xmoved-1'];
  expect(numbersIn([pieceCounter({ number: 7 }), ...others, 'moved-999999'])).toEqual([7, 999_999]);
});

it('A day is short of pieces that are left out, and may be of those that nobody can tell of', () => {
  expect(phrasesOf({ datagrams: 0, 'moved-1': IS_IN, [MOVED_LEFT_OUT]: 0 })).toEqual([]);
  expect(phrasesOf({ 'moved-1': IN_DOUBT, 'moved-2': IN_DOUBT, 'moved-3': IS_IN, [MOVED_LEFT_OUT]: 1 })).toEqual([
    '1 of the files that tlsrpt import sys4 moved into 2026-11-19 could not be counted',
    'Whether 2 of the files that tlsrpt import sys4 moved into 2026-11-19 came in cannot be told',
  ]);
});

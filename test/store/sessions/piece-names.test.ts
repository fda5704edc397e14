import { beforeEach, describe, expect, it } from 'vitest';
import {
  missingPieces,
  nextPiece,
  parsePieceName,
  piecesOf,
  pieceStem,
  renamePiece,
} from '#store/sessions/piece-names.ts';
import type { Piece } from '#store/sessions/piece-names.ts';
import { ensureDirectory, writeNewFile } from '#support/durable-file.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';

const DAY = '/state/sessions/2026-11-19';
const piece = (number: number, state: Piece['state'] = 'waiting'): Piece => ({ day: DAY, number, state });

describe('The name of a piece of a day', () => {
  let disk: SimulatedDisk;

  beforeEach(() => {
    disk = new SimulatedDisk();
    ensureDirectory('/state/sessions', disk);
  });

  function touch(...names: readonly string[]): void {
    for (const name of names) writeNewFile(`/state/sessions/${name}`, [], { disk });
  }

  it('says of which day it is, its number, and how far it has come', () => {
    expect(['', '.counting', '.counted'].map((state) => parsePieceName(`2026-11-19.moved-7${state}.sqlite`))).toEqual([
      { day: '2026-11-19', number: 7, state: 'waiting' },
      { day: '2026-11-19', number: 7, state: 'counting' },
      { day: '2026-11-19', number: 7, state: 'counted' },
    ]);
    for (const name of ['2026-11-19.sqlite', '2026-11-19.moved-0.sqlite', '2026-11-19.moved-1.done.sqlite', 'x'])
      expect(parsePieceName(name)).toBeUndefined();
  });

  it('is found among others, in the order of the numbers; of several names the furthest counts', () => {
    touch('2026-11-19.moved-10.sqlite', '2026-11-19.moved-2.counted.sqlite', '2026-11-19.moved-2.sqlite');
    touch('2026-11-19.sqlite', '2026-11-20.moved-1.sqlite', '.2026-11-19.moved-3.sqlite.tmp');
    expect(piecesOf(disk, DAY)).toEqual([piece(2, 'counted'), piece(10)]);
    expect(piecesOf(disk, '/nowhere/2026-11-19')).toEqual([]);
    expect(renamePiece(disk, piece(10), 'counting')).toEqual(piece(10, 'counting'));
    expect(piecesOf(disk, DAY)).toEqual([piece(2, 'counted'), piece(10, 'counting')]);
  });

  it('never has a number again that a file or a counter of the day has', () => {
    expect(nextPiece(DAY, [], [])).toEqual(piece(1));
    expect(nextPiece(DAY, [piece(2, 'counted')], ['datagrams', 'moved-1'])).toEqual(piece(3));
    expect(nextPiece(DAY, [piece(2)], ['moved-5', 'moved-left-out'])).toEqual(piece(6));
    expect(missingPieces(DAY, [piece(2)], ['moved-5', 'moved-2'])).toEqual([piece(5, 'counted')]);
  });

  it('has a number of six digits at most, as longer ones would not be found', () => {
    expect(pieceStem(nextPiece(DAY, [piece(999_998)], []))).toBe(`${DAY}.moved-999999`);
    expect(() => nextPiece(DAY, [piece(999_999)], [])).toThrow(expect.objectContaining({ code: 'store-misnamed' }));
  });
});

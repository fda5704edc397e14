/**
 * A file's content as a loss of power can leave it.
 *
 * The kernel writes pages back when it likes, so each sector has what it had after any of the writes to it since the last sync, and the
 * last write may be torn at any byte. The length is one of those that the file had; what was not written of it is zeros.
 */
import type { SeededRandom } from '../seeded-random.ts';
import { GrowingBytes } from './growing-bytes.ts';
import type { ContentChange, SimulatedFile } from './simulated-file.ts';

interface Write {
  readonly at: number;
  readonly bytes: Buffer;
}

const SECTOR_SIZES = [512, 4_096];

export function contentAfterPowerLoss(file: SimulatedFile, random: SeededRandom): Buffer {
  const { before, writes } = sinceEmptied(file, random);
  if (writes.length === 0) return before;
  const length = random.pick(lengthsOf(before.length, writes, random));
  const content = new GrowingBytes();
  content.write(before, 0);
  const sectorBytes = random.pick(SECTOR_SIZES);
  for (const [sector, pieces] of bySector(tornAtTheEnd(writes, random), sectorBytes)) {
    const arrived = random.pick([0, pieces.length, pieces.length, random.below(pieces.length + 1)]);
    for (const { at, bytes } of pieces.slice(0, arrived)) content.write(bytes, sector * sectorBytes + at);
  }
  const left = Buffer.alloc(length);
  content.read(left, 0);
  return left;
}

/** That a file was emptied lasts or not; what was written after it lasts only with it. */
function sinceEmptied(file: SimulatedFile, random: SeededRandom): { before: Buffer; writes: readonly Write[] } {
  const lives: Write[][] = [[]];
  for (const change of file.unsynced) {
    if (isWrite(change)) lives.at(-1)?.push(change);
    else lives.push([]);
  }
  const lasting = random.below(lives.length);
  return { before: lasting === 0 ? Buffer.from(file.durable.bytes()) : Buffer.alloc(0), writes: lives[lasting] ?? [] };
}

function isWrite(change: ContentChange): change is ContentChange & Write {
  return change.kind === 'written';
}

/** The first, the last and one in between, so that each is likely. */
function lengthsOf(before: number, writes: readonly Write[], random: SeededRandom): number[] {
  const lengths = [before];
  let length = before;
  for (const { at, bytes } of writes) lengths.push((length = Math.max(length, at + bytes.length)));
  return [before, length, random.pick(lengths)];
}

function tornAtTheEnd(writes: readonly Write[], random: SeededRandom): readonly Write[] {
  const last = writes.at(-1);
  if (!last || random.below(2) === 0) return writes;
  return [...writes.slice(0, -1), { at: last.at, bytes: last.bytes.subarray(0, random.below(last.bytes.length + 1)) }];
}

/** The pieces of each sector, in the order in which they were written, at positions within it. */
function bySector(writes: readonly Write[], sectorBytes: number): Map<number, Write[]> {
  const sectors = new Map<number, Write[]>();
  for (const { at, bytes } of writes) {
    for (let done = 0; done < bytes.length;) {
      const position = at + done;
      const sector = Math.floor(position / sectorBytes);
      const within = position - sector * sectorBytes;
      const piece = bytes.subarray(done, done + sectorBytes - within);
      const pieces = sectors.get(sector) ?? [];
      sectors.set(sector, pieces);
      pieces.push({ at: within, bytes: piece });
      done += piece.length;
    }
  }
  return sectors;
}

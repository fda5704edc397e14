import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { writeNewFile } from '#support/durable-file.ts';
import { journalPath, removeJournals } from '#store/durable/journal-files.ts';
import { formatFrame, formatHeader, frameKind, HEADER_BYTES } from '#store/durable/journal-format.ts';
import type { JournalHeader } from '#store/durable/journal-format.ts';
import { JournalReader, readUpTo } from '#store/durable/journal-reader.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';

const STEM = '/state/pairs';
const SALT = 77;

let disk: SimulatedDisk;

beforeEach(() => {
  disk = new SimulatedDisk();
  disk.makeDirectory('/state');
});

interface ToWrite {
  readonly number: number;
  readonly safe?: number;
  readonly payload?: Buffer;
}

function bytesOf({ number, safe = 0, payload = textOf(number) }: ToWrite, salt = SALT): Buffer {
  return formatFrame({ number, safeFrame: safe, kind: frameKind.datagrams, payload }, salt);
}

function textOf(number: number): Buffer {
  return Buffer.from(`frame ${String(number)}`);
}

/** The journal of that number. */
function put(number: number, firstFrame: number, frames: readonly (ToWrite | Buffer)[]): void {
  putAnew(number, { firstFrame, earlierEnd: firstFrame }, frames);
}

type Begun = Pick<JournalHeader, 'firstFrame' | 'earlierEnd'>;

function putAnew(number: number, begun: Begun, frames: readonly (ToWrite | Buffer)[]): void {
  const content = frames.map((frame) => (Buffer.isBuffer(frame) ? frame : bytesOf(frame)));
  putBytes(number, Buffer.concat([formatHeader({ number, salt: SALT, ...begun }), ...content]));
}

function putBytes(number: number, bytes: Buffer): void {
  writeNewFile(journalPath(STEM, number), [bytes], { disk });
}

function bytesIn(number: number): Buffer {
  const fd = disk.open(journalPath(STEM, number), 'read');
  const bytes = readUpTo(disk, fd, 0, disk.statusOf(fd).sizeBytes);
  disk.close(fd);
  return bytes;
}

function totalBytes(frames: readonly ToWrite[]): number {
  return frames.reduce((total, frame) => total + bytesOf(frame).length, 0);
}

/** The numbers of the frames that count behind `after`, with what is said about the rest. */
function read(after = 0): { frames: number[]; damage: string[]; tornBytes: number; lastFrame: number } {
  const reader = JournalReader.open(disk, STEM);
  const frames = [...reader.frames(after)].map(({ number, payload }) => {
    expect(payload.equals(textOf(number))).toBe(true);
    return number;
  });
  const { damage, tornBytes, lastFrame } = reader;
  expect(reader.findLastFrame(after)).toBe(lastFrame);
  reader.close();
  return { frames, damage: damage.slice(0, damage.length / 2), tornBytes, lastFrame };
}

const SOUND = { damage: [], tornBytes: 0 };

describe('Reading journals', () => {
  it('finds nothing where there is nothing', () => {
    expect(read()).toEqual({ ...SOUND, frames: [], lastFrame: 0 });
    expect(read(5)).toEqual({ ...SOUND, frames: [], lastFrame: 5 });
    expect(JournalReader.open(disk, STEM)).toMatchObject({ isEmpty: true, lastNumber: 0, firstFrame: undefined });
  });

  it('goes through all of them in order, behind what the reader has', () => {
    put(9, 1, [{ number: 1 }, { number: 2, safe: 1 }]);
    put(10, 3, [{ number: 3, safe: 2 }]);
    expect(read()).toEqual({ ...SOUND, frames: [1, 2, 3], lastFrame: 3 });
    expect(read(2)).toEqual({ ...SOUND, frames: [3], lastFrame: 3 });
    expect(read(8)).toEqual({ ...SOUND, frames: [], lastFrame: 8 });
    expect(JournalReader.open(disk, STEM)).toMatchObject({ isEmpty: false, lastNumber: 10, firstFrame: 1 });
  });

  it('leaves out what a later journal says anew', () => {
    put(1, 1, [{ number: 1 }, { number: 2 }, { number: 3, payload: Buffer.from('written in vain') }]);
    put(2, 3, [{ number: 3 }, { number: 4 }]);
    expect(read()).toEqual({ ...SOUND, frames: [1, 2, 3, 4], lastFrame: 4 });
  });

  it('leaves out a frame behind which a later journal goes on, although that has fewer', () => {
    put(1, 1, [
      { number: 1 },
      { number: 2, payload: Buffer.from('in vain') },
      { number: 3, payload: Buffer.from('x') },
    ]);
    put(2, 2, [{ number: 2 }]);
    expect(read()).toEqual({ ...SOUND, frames: [1, 2], lastFrame: 2 });
  });

  it('has from an earlier journal what a later one was to say anew and does not have yet', () => {
    put(1, 1, [{ number: 1 }, { number: 2, safe: 1 }, { number: 3 }, { number: 4 }]);
    putAnew(2, { firstFrame: 2, earlierEnd: 4 }, [{ number: 2 }]);
    expect(read()).toEqual({ ...SOUND, frames: [1, 2, 3], lastFrame: 3 });
  });

  it('has from a later journal what an earlier one has lost', () => {
    put(1, 1, [{ number: 1 }, Buffer.alloc(bytesOf({ number: 2 }).length), { number: 3 }]);
    putAnew(2, { firstFrame: 1, earlierEnd: 4 }, [{ number: 1 }, { number: 2 }]);
    expect(read()).toEqual({ ...SOUND, frames: [1, 2, 3], lastFrame: 3 });
  });

  it('does not let a journal that holds nothing take anything away', () => {
    put(1, 1, [{ number: 1 }, { number: 2 }]);
    put(2, 2, []);
    expect(read()).toEqual({ ...SOUND, frames: [1, 2], lastFrame: 2 });
  });

  it('goes on reading files that are removed meanwhile', () => {
    put(1, 1, [{ number: 1 }, { number: 2 }]);
    put(2, 3, [{ number: 3 }]);
    const reader = JournalReader.open(disk, STEM);
    removeJournals(disk, STEM);
    expect([...reader.frames(0)].map(({ number }) => number)).toEqual([1, 2, 3]);
    reader.close();
  });

  it('does without a journal that is removed between the list and its turn', () => {
    put(1, 1, [{ number: 1 }]);
    put(2, 2, [{ number: 2 }]);
    disk.faults.policy = (call) => {
      if (call === 'open') {
        disk.faults.heal();
        disk.remove(journalPath(STEM, 1));
      }
      return undefined;
    };
    expect(read(1)).toEqual({ ...SOUND, frames: [2], lastFrame: 2 });
  });

  it('leaves nothing open, whatever fails', () => {
    put(1, 1, [{ number: 1 }]);
    disk.faults.failNext('read', { errno: 'EIO' });
    expect(() => JournalReader.open(disk, STEM)).toThrow('EIO');
  });
});

describe('A torn tail', () => {
  it('is cut off, wherever it is torn', () => {
    const whole = [bytesOf({ number: 1 }), bytesOf({ number: 2, safe: 1 })];
    const last = bytesOf({ number: 3, safe: 1 });
    for (let length = 0; length < last.length; length += 1) {
      put(1, 1, [...whole, last.subarray(0, length)]);
      expect(read()).toEqual({ frames: [1, 2], damage: [], tornBytes: length, lastFrame: 2 });
    }
  });

  it('is also what reached the disk behind a gap that nobody knew to be safe', () => {
    put(1, 1, [{ number: 1 }, Buffer.alloc(bytesOf({ number: 2 }).length), { number: 3, safe: 1 }]);
    expect(read()).toMatchObject({ frames: [1], damage: [], lastFrame: 1 });
  });

  it('does not keep what was written after it from counting', () => {
    put(1, 1, [{ number: 1 }, bytesOf({ number: 2 }).subarray(0, 20)]);
    put(2, 2, [{ number: 2, safe: 1 }]);
    expect(read()).toEqual({ ...SOUND, frames: [1, 2], lastFrame: 2 });
  });

  it('can be a journal that has only a part of its first bytes, or blank ones', () => {
    put(1, 1, [{ number: 1 }]);
    for (const beginning of [
      Buffer.alloc(0),
      formatHeader({ number: 2, salt: 1, firstFrame: 2, earlierEnd: 2 }).subarray(0, 9),
      Buffer.alloc(HEADER_BYTES),
      Buffer.alloc(500),
    ]) {
      putBytes(2, beginning);
      expect(read()).toMatchObject({ frames: [1], damage: [], lastFrame: 1 });
    }
  });

  it('is a run of zeros', () => {
    put(1, 1, [{ number: 1 }, Buffer.alloc(64)]);
    expect(read()).toEqual({ frames: [1], damage: [], tornBytes: 64, lastFrame: 1 });
  });
});

describe('Damage', () => {
  it('is a frame that was safe and cannot be read; what follows it counts', () => {
    const damaged = Buffer.from(bytesOf({ number: 2 })).fill(0xff, 10, 14);
    put(1, 1, [{ number: 1 }, damaged, { number: 3, safe: 2 }, { number: 4, safe: 2 }]);
    expect(read()).toEqual({
      frames: [1, 3, 4],
      damage: ['transactions 2 to 2 cannot be read'],
      tornBytes: 0,
      lastFrame: 4,
    });
  });

  it('is a frame at the end that a later journal knows to have been safe', () => {
    put(1, 1, [{ number: 1 }, bytesOf({ number: 2 }).subarray(0, 20)]);
    put(2, 3, [{ number: 3, safe: 2 }]);
    expect(read()).toMatchObject({ frames: [1, 3], damage: ['transactions 2 to 2 cannot be read'] });
  });

  it('is a journal that is missing, when what it held was safe', () => {
    put(1, 1, [{ number: 1 }]);
    put(3, 6, [{ number: 6, safe: 5 }]);
    expect(read()).toMatchObject({ frames: [1, 6], damage: ['transactions 2 to 5 cannot be read'] });
  });

  it('is named as soon as there are safe frames that nobody has', () => {
    put(2, 6, [{ number: 6, safe: 5 }]);
    expect(read(3)).toMatchObject({ frames: [6], damage: ['transactions 4 to 5 cannot be read'] });
    expect(read(5)).toMatchObject({ frames: [6], damage: [] });
  });

  it('is a journal whose first bytes are others, and costs that journal alone', () => {
    put(1, 1, [{ number: 1 }]);
    put(2, 2, [{ number: 2, safe: 1 }]);
    put(3, 3, [{ number: 3, safe: 2 }]);
    putBytes(2, Buffer.from(bytesIn(2)).fill(0x20, 0, 4));
    const reader = JournalReader.open(disk, STEM);
    expect([...reader.frames(0)].map(({ number }) => number)).toEqual([1, 3]);
    expect(reader.damage).toEqual([expect.stringContaining(`${STEM}.2.journal`), 'transactions 2 to 2 cannot be read']);
    reader.close();
  });

  it('does not let text of a stranger pass for a frame', () => {
    const forged = bytesOf({ number: 2, safe: 9, payload: Buffer.from('forged') }, SALT + 1);
    const carrying = Buffer.from(bytesOf({ number: 2, payload: forged }));
    carrying.writeUInt8(0xff, carrying.length - forged.length - 10);
    put(1, 1, [{ number: 1 }, carrying, { number: 3, safe: 2 }]);
    expect(read()).toMatchObject({ frames: [1, 3], damage: ['transactions 2 to 2 cannot be read'] });
  });

  it('is passed over also where it is longer than what is looked through at once', () => {
    put(1, 1, [{ number: 1 }, Buffer.alloc(3_000_000, 'TSLF'), { number: 3, safe: 2 }]);
    expect(read()).toMatchObject({ frames: [1, 3] });
  });

  it('costs the frames that were hit, and no others, wherever bytes are others', () => {
    const frames = Array.from({ length: 12 }, (_, index) => ({ number: index + 1, safe: 12 }));
    put(1, 1, frames);
    const sound = bytesIn(1);
    const ends = frames.map((_, index) => HEADER_BYTES + totalBytes(frames.slice(0, index + 1)));
    const anywhere = fc.integer({ min: HEADER_BYTES, max: sound.length - 1 });
    fc.assert(
      fc.property(anywhere, fc.integer({ min: 1, max: 9 }), (at, length) => {
        putBytes(1, Buffer.from(sound).fill(0xee, at, Math.min(at + length, sound.length)));
        const isHit = (index: number): boolean =>
          (ends[index - 1] ?? HEADER_BYTES) < at + length && (ends[index] ?? 0) > at;
        const kept = frames.flatMap(({ number }, index) => (isHit(index) ? [] : [number]));
        const found = read();
        expect(found.frames).toEqual(kept);
        expect(found.damage).toHaveLength(1);
      }),
    );
  });

  it('never makes reading throw, whatever follows the first bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (tail) => {
        putBytes(1, Buffer.concat([formatHeader({ number: 1, salt: 0, firstFrame: 1, earlierEnd: 1 }), tail]));
        expect(read().frames).toEqual([]);
      }),
    );
  });
});

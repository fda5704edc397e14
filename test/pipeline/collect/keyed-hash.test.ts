import { describe, expect, it } from 'vitest';
import { KeyedHash } from '#pipeline/collect/keyed-hash.ts';
import { SeededRandom } from '#test/support/seeded-random.ts';

interface Variant {
  readonly rounds: number;
  readonly roundsAtEnd: number;
  readonly resultBytes: 4 | 8;
}

/** HalfSipHash as its authors describe it, in any variant, slowly. The result's bytes as their vectors have them. */
function halfSipHash(bytes: Uint8Array, key: Buffer, { rounds, roundsAtEnd, resultBytes }: Variant): string {
  const word = (value: bigint): bigint => value & 0xffffffffn;
  const rotated = (value: bigint, bits: bigint): bigint => word((value << bits) | (value >> (32n - bits)));
  const [k0, k1] = [BigInt(key.readUInt32LE(0)), BigInt(key.readUInt32LE(4))];
  const isLong = resultBytes === 8;
  let [v0, v1, v2, v3] = [k0, k1 ^ (isLong ? 0xeen : 0n), 0x6c796765n ^ k0, 0x74656462n ^ k1];
  const mix = (times: number): void => {
    for (let round = 0; round < times; round += 1) {
      v0 = word(v0 + v1);
      v1 = rotated(v1, 5n) ^ v0;
      v0 = rotated(v0, 16n);
      v2 = word(v2 + v3);
      v3 = rotated(v3, 8n) ^ v2;
      v0 = word(v0 + v3);
      v3 = rotated(v3, 7n) ^ v0;
      v2 = word(v2 + v1);
      v1 = rotated(v1, 13n) ^ v2;
      v2 = rotated(v2, 16n);
    }
  };
  const padded = Buffer.alloc(bytes.length - (bytes.length % 4) + 4);
  padded.set(bytes);
  padded[padded.length - 1] = bytes.length & 0xff;
  for (let place = 0; place < padded.length; place += 4) {
    const next = BigInt(padded.readUInt32LE(place));
    v3 ^= next;
    mix(rounds);
    v0 ^= next;
  }
  v2 ^= isLong ? 0xeen : 0xffn;
  const result = Buffer.alloc(resultBytes);
  for (let place = 0; place < resultBytes; place += 4) {
    if (place > 0) v1 ^= 0xddn;
    mix(roundsAtEnd);
    result.writeUInt32LE(Number(v1 ^ v3), place);
  }
  return result.toString('hex');
}

/** Key and message of the published vectors: 00 01 02 ... */
const counting = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, index) => index));
const KEY = counting(8);

function resultOf(hash: KeyedHash, bytes: Uint8Array): string {
  hash.update(bytes);
  const result = Buffer.alloc(8);
  result.writeInt32LE(hash.low, 0);
  result.writeInt32LE(hash.high, 4);
  return result.toString('hex');
}

describe('The HalfSipHash to compare with', () => {
  it('gives the results that its authors published, for 2-4 with 64 bits', () => {
    const variant = { rounds: 2, roundsAtEnd: 4, resultBytes: 8 } as const;
    expect(Array.from({ length: 7 }, (_, length) => halfSipHash(counting(length), KEY, variant))).toEqual([
      '218d1f59b9b83cc8',
      'be552412f8387315',
      '064f39ef7c50eb57',
      'ce0f1a45f7060679',
      'd5e78a175be52ea1',
      'cb9d7c3f2f3db580',
      'ce3e91358aa2bc25',
    ]);
  });

  it('gives the results by which Linux tests its own, for 1-3 with 32 bits', () => {
    const variant = { rounds: 1, roundsAtEnd: 3, resultBytes: 4 } as const;
    const results = Array.from({ length: 6 }, (_, length) => halfSipHash(counting(length), KEY, variant));
    expect(results.map((hex) => Buffer.from(hex, 'hex').readInt32LE())).toEqual([
      1_477_757_078, -404_200_246, -1_135_931_856, 22_255_929, 2_114_297_510, -1_998_333_797,
    ]);
  });
});

describe('A keyed hash', () => {
  it('is HalfSipHash-1-3 with 64 bits, whatever the length and wherever the bytes lie', () => {
    const random = new SeededRandom(8460);
    for (let length = 0; length < 300; length += 1) {
      const key = Buffer.from(Array.from({ length: 8 }, () => random.below(256)));
      const memory = Buffer.from(Array.from({ length: length + 4 }, () => random.below(256)));
      const hash = new KeyedHash(key);
      for (const start of [0, 1, 2, 3]) {
        const bytes = memory.subarray(start, start + length);
        const expected = halfSipHash(bytes, key, { rounds: 1, roundsAtEnd: 3, resultBytes: 8 });
        expect([length, start, resultOf(hash, bytes)]).toEqual([length, start, expected]);
      }
    }
  });

  it('has a key of its own each time', () => {
    const bytes = Buffer.from('the same bytes');
    const results = new Set(Array.from({ length: 100 }, () => resultOf(new KeyedHash(), bytes)));
    expect(results.size).toBe(100);
  });

  it('changes about half of its bits with any bit of the bytes', () => {
    const hash = new KeyedHash(KEY);
    const bytes = Buffer.from('{"d":"good.example","policies":[{"policy-type":9}]}');
    const result = BigInt(`0x${resultOf(hash, bytes)}`);
    const changedBits = Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const other = Buffer.from(bytes);
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return bitsOf(result ^ BigInt(`0x${resultOf(hash, other)}`));
    });
    expect(Math.min(...changedBits)).toBeGreaterThan(10);
    const mean = changedBits.reduce((sum, bits) => sum + bits, 0) / changedBits.length;
    expect(Math.abs(mean - 32)).toBeLessThan(1.5);
  });
});

function bitsOf(value: bigint): number {
  return value.toString(2).replaceAll('0', '').length;
}

import fc from 'fast-check';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { gunzipMembers } from '#pipeline/read/gunzip-members.ts';
import type { Unpacking } from '#pipeline/read/gunzip-members.ts';

const TEXT = 'a report, and another one, and a report again';
const ROOM = 1_000_000;

function unpack(bytes: Buffer, room = ROOM): Unpacking & { readonly text?: string } {
  const unpacking = gunzipMembers(bytes, room);
  return unpacking.kind === 'unpacked' ? { ...unpacking, text: Buffer.from(unpacking.bytes).toString() } : unpacking;
}

/** With everything that a header may have (RFC 1952 2.3). */
function withWholeHeader(): Buffer {
  const header = Buffer.from([
    0x1f,
    0x8b,
    8,
    0x1f,
    0,
    0,
    0,
    0,
    0,
    3,
    2,
    0,
    0xaa,
    0xbb,
    ...Buffer.from('name\0comment\0'),
    1,
    2,
  ]);
  return Buffer.concat([header, deflateRawSync(TEXT), gzipSync(TEXT).subarray(-8)]);
}

describe('the members of a gzip', () => {
  it.each<[string, Buffer, object]>([
    ['one', gzipSync(TEXT), { text: TEXT, members: 1, hasTrailingBytes: false, isTorn: false }],
    ['two', Buffer.concat([gzipSync('a'), gzipSync('b')]), { text: 'ab', members: 2, hasTrailingBytes: false }],
    ['one with a whole header', withWholeHeader(), { text: TEXT, members: 1, isTorn: false }],
    [
      'one with a line end behind it',
      Buffer.concat([gzipSync(TEXT), Buffer.from('\r\n')]),
      { text: TEXT, hasTrailingBytes: true, isTorn: false },
    ],
    ['one whose checksum is cut off', gzipSync(TEXT).subarray(0, -5), { text: TEXT, isTorn: true }],
    ['nothing but the mark', gzipSync(TEXT).subarray(0, 3), { text: '', isTorn: true }],
    [
      'one whose checksum is wrong',
      Buffer.concat([gzipSync(TEXT).subarray(0, -8), gzipSync('x').subarray(-8)]),
      { kind: 'damaged' },
    ],
    [
      'one whose content is wrong',
      Buffer.concat([gzipSync(TEXT).subarray(0, 10), Buffer.alloc(20, 0xff)]),
      { kind: 'damaged' },
    ],
  ])('are taken out of %s', (_what, bytes, expected) => {
    expect(unpack(bytes)).toMatchObject(expected);
  });

  it('are given up as soon as they have more than there is room for, in one member or in many', () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    expect(bomb.length).toBeLessThan(60_000);
    expect(unpack(bomb)).toEqual({ kind: 'too-large' });
    expect(unpack(Buffer.concat([gzipSync(Buffer.alloc(ROOM)), gzipSync('more')]))).toEqual({ kind: 'too-large' });
    expect(unpack(gzipSync(Buffer.alloc(ROOM)))).toMatchObject({ kind: 'unpacked', isTorn: false });
  });

  it('never give another content than was put in, whatever is cut off or changed', () => {
    const whole = gzipSync(TEXT);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, difference) => {
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] ?? 0) ^ difference;
        const { text = TEXT, ...unpacking } = unpack(changed);
        if (unpacking.kind === 'unpacked' && unpacking.members > 0 && !unpacking.isTorn) expect(text).toBe(TEXT);
        const { text: start = '' } = unpack(whole.subarray(0, at));
        expect(TEXT.startsWith(start)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

/**
 * Takes gzip apart member by member (RFC 1952 2.2), as somebody puts several into one file, and mail programs leave blanks behind it.
 *
 * What comes out is bounded, whatever goes in. A member whose checksum is wrong is not believed: it would give wrong numbers. One whose
 * checksum is cut off may be whole all the same, which the reader of its content finds out.
 */
import { constants, crc32, inflateRawSync } from 'node:zlib';
import { errnoOf } from '#support/problem.ts';

export type Unpacking =
  | {
      readonly kind: 'unpacked';
      readonly bytes: Uint8Array;
      readonly members: number;
      readonly hasTrailingBytes: boolean;
      /** The end of the last member is missing. */
      readonly isTorn: boolean;
    }
  | { readonly kind: 'damaged' | 'too-large' };

interface Member {
  readonly content: Uint8Array;
  readonly end: number;
  readonly state: 'whole' | 'torn' | 'wrong';
}

const DEFLATED = 8;
const HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
const [HAS_HEADER_CRC, HAS_EXTRA, HAS_NAME, HAS_COMMENT] = [2, 4, 8, 16] as const;
const MOST_MEMBERS = 1_000;

export function gunzipMembers(bytes: Buffer, maxBytes: number): Unpacking {
  const members: Member[] = [];
  let [at, sizeBytes] = [0, 0];
  while (isMember(bytes, at) && members.length < MOST_MEMBERS) {
    const member = inflateMember(bytes, at, maxBytes - sizeBytes);
    if (member === 'too-large') return { kind: 'too-large' };
    if (member === 'damaged' || member.state === 'wrong') return { kind: 'damaged' };
    members.push(member);
    sizeBytes += member.content.length;
    at = member.end;
  }
  return {
    kind: 'unpacked',
    bytes: joined(members.map(({ content }) => content)),
    members: members.length,
    hasTrailingBytes: at < bytes.length,
    isTorn: members.some(({ state }) => state === 'torn'),
  };
}

/** Several are copied, the one that there mostly is, is not. */
function joined(contents: readonly Uint8Array[]): Uint8Array {
  const [first] = contents;
  return first && contents.length === 1 ? first : Buffer.concat(contents);
}

function isMember(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x1f && bytes[at + 1] === 0x8b && bytes[at + 2] === DEFLATED;
}

function inflateMember(bytes: Buffer, start: number, maxBytes: number): Member | 'damaged' | 'too-large' {
  const begin = endOfHeader(bytes, start);
  try {
    const { buffer: content, engine } = inflateRawSync(bytes.subarray(begin), {
      info: true,
      finishFlush: constants.Z_SYNC_FLUSH, // what is cut short gives what there is
      maxOutputLength: Math.max(maxBytes, 1),
      chunkSize: expectedBytes(bytes, maxBytes),
    }) as unknown as { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
    const trailer = begin + engine.bytesWritten;
    return { content, end: Math.min(trailer + TRAILER_BYTES, bytes.length), state: stateOf(bytes, trailer, content) };
  } catch (error) {
    if (error instanceof RangeError) return 'too-large';
    if (errnoOf(error)?.startsWith('Z_') === true) return 'damaged';
    throw error;
  }
}

const [LEAST_BYTES, UNEXPECTED_BYTES] = [16_384, 65_536] as const;

/** RFC 1952 2.3.1: the file ends with the size of its content, mostly. So there need be no more than one buffer for it. */
function expectedBytes(bytes: Buffer, maxBytes: number): number {
  const sizeBytes = bytes.length >= TRAILER_BYTES ? bytes.readUInt32LE(bytes.length - 4) + 1 : 0;
  return sizeBytes <= maxBytes ? Math.max(sizeBytes, LEAST_BYTES) : UNEXPECTED_BYTES;
}

/** RFC 1952 2.3.1: checksum and size stand behind the content. */
function stateOf(bytes: Buffer, trailer: number, content: Uint8Array): Member['state'] {
  if (trailer + TRAILER_BYTES > bytes.length) return 'torn';
  const isRight = bytes.readUInt32LE(trailer) === crc32(content) && bytes.readUInt32LE(trailer + 4) === content.length;
  return isRight ? 'whole' : 'wrong';
}

/** What the flags say is between the fixed part and the content; beyond the end where it is cut short. */
function endOfHeader(bytes: Buffer, start: number): number {
  const flags = bytes[start + 3] ?? 0;
  let at = start + HEADER_BYTES;
  if (flags & HAS_EXTRA) at += 2 + (at + 2 <= bytes.length ? bytes.readUInt16LE(at) : 0);
  if (flags & HAS_NAME) at = behindNul(bytes, at);
  if (flags & HAS_COMMENT) at = behindNul(bytes, at);
  return flags & HAS_HEADER_CRC ? at + 2 : at;
}

function behindNul(bytes: Buffer, start: number): number {
  const nul = bytes.indexOf(0, start);
  return nul < 0 ? bytes.length : nul + 1;
}

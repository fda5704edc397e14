/**
 * Where the values in the bytes of JSON end. One look at the whole remembers those that are large, so however many lists and objects something is
 * in, it is not looked through for each of them.
 */
import { endOfText, opens, scanValue, sign } from './json-scan.ts';
import type { ScannedValue } from './json-scan.ts';

/** Parsed, it takes ten times as much for a moment. */
const MAX_SMALL_BYTES = 262_144;
/** What is in more lists and objects is not opened, so it need not be remembered. */
export const DEEPEST = 32;

export interface Slice extends ScannedValue {
  readonly start: number;
}

export function isSmall({ start, end }: Pick<Slice, 'start' | 'end'>): boolean {
  return end - start <= MAX_SMALL_BYTES;
}

export class JsonOutline {
  readonly bytes: Uint8Array;
  readonly #large = new Map<number, Slice>();

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** A value that is in no other; undefined when none begins at `start`, or it does not end. */
  wholeAt(start: number): Slice | undefined {
    return opens(this.bytes[start]) ? this.#look(start) : this.#scan(start);
  }

  /** A value within one that was looked at. */
  valueAt(start: number): Slice | undefined {
    return this.#large.get(start) ?? this.#scan(start);
  }

  #scan(start: number): Slice | undefined {
    const scanned = scanValue(this.bytes, start);
    return scanned && { start, end: scanned.end, members: scanned.members };
  }

  #look(start: number): Slice | undefined {
    const { bytes } = this;
    const around: Opened[] = [];
    let members = 0;
    for (let at = start; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (byte === sign.quote) at = this.#lookAtText(at, around.length);
      else if (byte === sign.colon) members += 1;
      else if (opens(byte)) around.push({ start: at, members });
      else if (closes(byte)) {
        const value = closed(around.pop(), at + 1, members);
        this.#remember(value, around.length);
        if (around.length === 0) return value;
      }
    }
    return undefined;
  }

  /** Where it ends. */
  #lookAtText(start: number, depth: number): number {
    const end = endOfText(this.bytes, start);
    this.#remember({ start, end: end + 1, members: 0 }, depth);
    return end;
  }

  #remember(value: Slice, depth: number): void {
    if (!isSmall(value) && depth <= DEEPEST) this.#large.set(value.start, value);
  }
}

interface Opened {
  readonly start: number;
  /** Before it. */
  readonly members: number;
}

function closes(byte: number | undefined): boolean {
  return byte === sign.listEnd || byte === sign.objectEnd;
}

function closed(opened: Opened | undefined, end: number, members: number): Slice {
  if (!opened) throw new RangeError('JSON is looked at from the bracket that it begins with');
  return { start: opened.start, end, members: members - opened.members };
}

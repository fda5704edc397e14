/**
 * Walks through one list or object in the bytes of JSON and gives the places of what is in it. Throws a SyntaxError, as JSON.parse does, where
 * there is something else.
 */
import { behindBlanks, scanValue, sign } from './json-scan.ts';
import type { ScannedValue } from './json-scan.ts';

export interface Slice extends ScannedValue {
  readonly start: number;
}

export interface NamedSlice {
  /** A text in JSON. */
  readonly name: Slice;
  readonly value: Slice;
}

export function* elementSlices(bytes: Uint8Array, list: Slice): Generator<Slice> {
  let at = behindBlanks(bytes, list.start + 1);
  if (at === list.end - 1) return;
  for (;;) {
    const element = sliceAt(bytes, at);
    yield element;
    at = behindBlanks(bytes, element.end);
    if (isEnd(bytes, at, list)) return;
    at = behindBlanks(bytes, at + 1);
  }
}

export function* memberSlices(bytes: Uint8Array, object: Slice): Generator<NamedSlice> {
  let at = behindBlanks(bytes, object.start + 1);
  if (at === object.end - 1) return;
  for (;;) {
    if (bytes[at] !== sign.quote) throw new SyntaxError();
    const name = sliceAt(bytes, at);
    at = behindBlanks(bytes, name.end);
    if (bytes[at] !== sign.colon) throw new SyntaxError();
    const value = sliceAt(bytes, behindBlanks(bytes, at + 1));
    yield { name, value };
    at = behindBlanks(bytes, value.end);
    if (isEnd(bytes, at, object)) return;
    at = behindBlanks(bytes, at + 1);
  }
}

/** Behind an element there is a comma, or the bracket that ends it all. */
function isEnd(bytes: Uint8Array, at: number, { start, end }: Slice): boolean {
  if (bytes[at] === sign.comma) return false;
  const isRight = bytes[at] === (bytes[start] === sign.list ? sign.listEnd : sign.objectEnd);
  if (at !== end - 1 || !isRight) throw new SyntaxError();
  return true;
}

function sliceAt(bytes: Uint8Array, start: number): Slice {
  const scanned = scanValue(bytes, start);
  if (!scanned) throw new SyntaxError();
  return { start, ...scanned };
}

/**
 * Walks through one list or object in the bytes of JSON and gives the places of what is in it. Throws a SyntaxError, as JSON.parse does, where
 * there is something else.
 */
import type { JsonOutline, Slice } from './json-outline.ts';
import { behindBlanks, sign } from './json-scan.ts';

export interface NamedSlice {
  /** A text in JSON. */
  readonly name: Slice;
  readonly value: Slice;
}

export function* elementSlices(json: JsonOutline, list: Slice): Generator<Slice> {
  const { bytes } = json;
  let at = behindBlanks(bytes, list.start + 1);
  if (at === list.end - 1) return;
  for (;;) {
    const element = sliceAt(json, at);
    yield element;
    at = behindBlanks(bytes, element.end);
    if (isEnd(bytes, at, list)) return;
    at = behindBlanks(bytes, at + 1);
  }
}

export function* memberSlices(json: JsonOutline, object: Slice): Generator<NamedSlice> {
  const { bytes } = json;
  let at = behindBlanks(bytes, object.start + 1);
  if (at === object.end - 1) return;
  for (;;) {
    if (bytes[at] !== sign.quote) throw new SyntaxError();
    const name = sliceAt(json, at);
    at = behindBlanks(bytes, name.end);
    if (bytes[at] !== sign.colon) throw new SyntaxError();
    const value = sliceAt(json, behindBlanks(bytes, at + 1));
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

function sliceAt(json: JsonOutline, start: number): Slice {
  const value = json.valueAt(start);
  if (!value) throw new SyntaxError();
  return value;
}

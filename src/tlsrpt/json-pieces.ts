/**
 * Opens foreign JSON piece by piece: what is small is parsed, what is large is looked through when it is asked for. So a report of a hundred
 * thousand failures costs no more memory than what is kept of it.
 *
 * What is opened has to be checked before: to look at it again gives the same, and no error.
 */
import { isObject } from './foreign-field.ts';
import type { JsonObject } from './foreign-field.ts';
import type { JsonBytes } from './json-encoding.ts';
import { DEEPEST, isSmall, JsonOutline } from './json-outline.ts';
import type { Slice } from './json-outline.ts';
import { opens, sign } from './json-scan.ts';
import { elementSlices, memberSlices } from './json-walk.ts';

const MOST_MEMBERS = 10_000;
/** No longer text is of use. */
const MAX_TEXT_BYTES = 524_288;
const LONGEST_ESCAPE = 12;

export type JsonFlaw = 'not-json' | 'too-complex' | 'truncated';

export interface SoundValue {
  readonly value: unknown;
  /** Behind it. */
  readonly end: number;
}

/** A list that is too large to be held. */
class LargeList {
  readonly #elements: () => Iterator<unknown>;

  constructor(elements: () => Iterator<unknown>) {
    this.#elements = elements;
  }

  [Symbol.iterator](): Iterator<unknown> {
    return this.#elements();
  }
}

/** The elements of a list of whatever size; undefined for what is not one. */
export function elementsOf(value: unknown): Iterable<unknown> | undefined {
  if (value instanceof LargeList) return value;
  return Array.isArray(value) ? (value as unknown[]) : undefined;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return isObject(value) && !(value instanceof LargeList);
}

export class JsonPieces {
  /** Members whose name their object has already. */
  repeated = 0;
  readonly #json: JsonBytes;
  readonly #outline: JsonOutline;
  /** Of large lists, by where they begin. */
  readonly #pieces = new Map<number, readonly Piece[]>();

  constructor(json: JsonBytes) {
    this.#json = json;
    this.#outline = new JsonOutline(json.bytes);
  }

  /** Opens the value that begins at `start`, after a look at all of it; what is wrong with one that cannot be opened. */
  soundAt(start: number): SoundValue | JsonFlaw {
    const value = this.#outline.wholeAt(start);
    if (!value) return this.#flawOfEnd(start);
    try {
      if (isSmall(value)) return { value: this.#parseSmall(value), end: value.end };
      return this.#check(value, 0) ? { value: this.#open(value), end: value.end } : 'too-complex';
    } catch (error) {
      if (error instanceof SyntaxError) return 'not-json';
      throw error;
    }
  }

  #flawOfEnd(start: number): JsonFlaw {
    const first = this.#json.bytes[start];
    return opens(first) || first === sign.quote ? 'truncated' : 'not-json';
  }

  #check(value: Slice, depth: number): boolean {
    if (depth > DEEPEST) return false;
    if (isSmall(value)) {
      this.#parseSmall(value);
      return true;
    }
    const first = this.#json.bytes[value.start];
    if (first === sign.object) return this.#checkObject(value, depth);
    if (first === sign.quote) this.#beginningOfText(value);
    else for (const piece of this.#piecesOf(value)) if (!this.#checkPiece(piece, depth + 1)) return false;
    return true;
  }

  #parseSmall(value: Slice): unknown {
    const parsed = this.#parse(value);
    this.repeated += value.members - membersIn(parsed);
    return parsed;
  }

  #checkPiece(piece: Piece, depth: number): boolean {
    if (!piece.isRun) return this.#check(piece, depth);
    this.repeated += piece.members - membersIn(this.#parseRun(piece));
    return true;
  }

  #checkObject(object: Slice, depth: number): boolean {
    const names = new Set<unknown>();
    for (const { name, value } of memberSlices(this.#outline, object)) {
      const text = isSmall(name) ? this.#parse(name) : undefined;
      if (text === undefined || names.size >= MOST_MEMBERS || !this.#check(value, depth + 1)) return false;
      if (names.has(text)) this.repeated += 1;
      names.add(text);
    }
    return true;
  }

  #open(value: Slice): unknown {
    if (isSmall(value)) return this.#parse(value);
    const first = this.#json.bytes[value.start];
    if (first === sign.quote) return this.#beginningOfText(value);
    if (first === sign.list) return new LargeList(() => this.#elements(value));
    return this.#object(value);
  }

  /** Of members with the same name the last counts, as JSON.parse has it. */
  #object(object: Slice): JsonObject {
    const opened: Record<string, unknown> = {};
    for (const { name, value } of memberSlices(this.#outline, object))
      Object.defineProperty(opened, String(this.#parse(name)), {
        configurable: true,
        enumerable: true,
        get: () => this.#open(value),
      });
    return opened;
  }

  *#elements(list: Slice): Generator {
    for (const piece of this.#piecesOf(list))
      if (piece.isRun) yield* this.#parseRun(piece);
      else yield this.#open(piece);
  }

  /** Few: two neighbours together are large. */
  #piecesOf(list: Slice): readonly Piece[] {
    const known = this.#pieces.get(list.start) ?? piecesOf(elementSlices(this.#outline, list));
    this.#pieces.set(list.start, known);
    return known;
  }

  #parse({ start, end }: Slice): unknown {
    return JSON.parse(this.#json.textOf(start, end));
  }

  #parseRun({ start, end }: Slice): unknown[] {
    return JSON.parse(`[${this.#json.textOf(start, end)}]`) as unknown[];
  }

  /** As much of it as may be of use, and never cut within an escape. */
  #beginningOfText(value: Slice): unknown {
    const { start, end } = value;
    if (end - start <= MAX_TEXT_BYTES) return this.#parse(value);
    const text = this.#json.textOf(start, start + MAX_TEXT_BYTES);
    for (let length = text.length; length > text.length - LONGEST_ESCAPE; length -= 1)
      try {
        return JSON.parse(`${text.slice(0, length)}"`);
      } catch {
        continue;
      }
    throw new SyntaxError();
  }
}

/** Elements of a list: one that is large, or a run of neighbours with the commas between them. */
type Piece = Slice & { readonly isRun: boolean };

function piecesOf(elements: Iterable<Slice>): Piece[] {
  const pieces: Piece[] = [];
  let run: Slice | undefined;
  for (const element of elements) {
    const longer = run && { start: run.start, end: element.end, members: run.members + element.members };
    if (longer && isSmall(longer)) run = longer;
    else {
      if (run) pieces.push({ ...run, isRun: true });
      run = isSmall(element) ? element : undefined;
      if (!run) pieces.push({ ...element, isRun: false });
    }
  }
  if (run) pieces.push({ ...run, isRun: true });
  return pieces;
}

/** Of all objects in it. */
function membersIn(value: unknown): number {
  let count = 0;
  const left = [value];
  for (let next = left.pop(); left.length > 0 || next !== undefined; next = left.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    const held: unknown[] = Object.values(next);
    if (!Array.isArray(next)) count += held.length;
    for (const each of held) if (typeof each === 'object' && each !== null) left.push(each);
  }
  return count;
}

/**
 * Takes the fields of one name out of the header of a mail that comes piece by piece, wherever they are in it and wherever a piece ends.
 *
 * Lines are those of `field-places.ts`. For maildrop a bare CR is nothing at all, and a NUL ends the name, so what is such a field for its rules
 * alone is taken out as well. Blank lines at the very top end the header for some readers and not for others, so it goes on
 * behind them here. No more is held back than tells whether a line is such a field.
 */
import type { FieldRemoval } from '#pipeline/read/mail-editor.ts';
import { lineAt, SEPARATOR } from './field-places.ts';

const [LINE_FEED, CARRIAGE_RETURN, COLON, BLANK, TAB, NUL] = [0x0a, 0x0d, 0x3a, 0x20, 0x09, 0x00] as const;
/** Between a name and its colon, and of bare CRs in it. With more nobody means anything else by that name. */
const MOST_BLANKS = 4_096;
const NOTHING = Buffer.alloc(0);
const FEED = Buffer.from('\n');

export class ByteFieldRemoval implements FieldRemoval {
  readonly #name: string;
  #heldBack = NOTHING;
  #isLineStart = true;
  #isBehindFeed = true;
  #isFirstLine = true;
  #hasBegun = false;
  #isTakenOut = false;
  #isOver = false;
  /** Of the line that was kept last, up to a bare CR: see `BegunName`; undefined where there is another name. */
  #begun: number | undefined = 0;

  constructor(name: string) {
    this.#name = name.toLowerCase();
  }

  push(piece: Buffer): Buffer {
    return this.#isOver ? piece : this.#next(piece, false);
  }

  end(): Buffer {
    return this.#next(NOTHING, true);
  }

  /** What is kept is copied at once: a header may have as many fields as there is room for. */
  #next(piece: Buffer, isLast: boolean): Buffer {
    const bytes = this.#heldBack.length > 0 ? Buffer.concat([this.#heldBack, piece]) : piece;
    const kept = Buffer.allocUnsafe(bytes.length);
    let [keptBytes, at] = [0, 0];
    for (let from = this.#begins(bytes, at, isLast); from !== undefined; from = this.#begins(bytes, at, isLast)) {
      const end = behindLine(bytes, from, isLast);
      if (end === at) break;
      this.#isBehindFeed = bytes[end - 1] === LINE_FEED;
      keptBytes += this.#keep(bytes.subarray(at, end), kept.subarray(keptBytes));
      this.#isLineStart = this.#isBehindFeed || bytes[end - 1] === CARRIAGE_RETURN;
      at = end;
    }
    if (this.#isOver) keptBytes += bytes.copy(kept, keptBytes, at);
    this.#heldBack = this.#isOver ? NOTHING : Buffer.from(bytes.subarray(at));
    return kept.subarray(0, keptBytes);
  }

  /** From where the end is sought of a line, or of more of one, that can be passed on or left out; else the header is over, or more of it has to come. */
  #begins(bytes: Buffer, at: number, isLast: boolean): number | undefined {
    if (at >= bytes.length) return undefined;
    if (!this.#isLineStart) return at;
    const kind = this.#kindOf(bytes, at) ?? (isLast ? 'other' : undefined);
    this.#isOver = kind === 'blank' && this.#isBehindFeed && this.#hasBegun;
    if (kind === undefined || this.#isOver) return undefined;
    this.#noteLine(kind);
    return typeof kind === 'number' ? kind : at;
  }

  #noteLine(kind: LineKind): void {
    if (kind !== 'folded') this.#isTakenOut = typeof kind === 'number';
    if (kind !== 'blank' && kind !== 'separator') this.#hasBegun = true;
    this.#isLineStart = false;
    this.#isFirstLine = false;
  }

  #kindOf(bytes: Buffer, at: number): LineKind | undefined {
    const [first, second] = [bytes[at], bytes[at + 1]];
    if (first === LINE_FEED || isPair(bytes, at)) return 'blank';
    if (first === CARRIAGE_RETURN && !this.#isBehindFeed) return second === undefined ? undefined : 'other';
    if (isBlank(first)) return 'folded';
    const isSeparator = this.#isFirstLine && startsWith(bytes, at, SEPARATOR);
    if (isSeparator !== false) return isSeparator && 'separator';
    const kind = kindOfField(bytes, at, { name: this.#name, begun: 0 });
    return kind === 'other' && this.#begun ? kindOfField(bytes, at, { name: this.#name, begun: this.#begun }) : kind;
  }

  /** Copies what is not taken out, and returns its length. The LF that ends what stands before it on a line is not taken out. */
  #keep(piece: Buffer, target: Buffer): number {
    const kept = !this.#isTakenOut ? piece : this.#begun !== 0 && this.#isBehindFeed ? FEED : NOTHING;
    this.#begun = begunWithAll(kept, this.#name, this.#begun);
    return kept.copy(target);
  }
}

/** Undefined where the bytes end before that is known; of one that is wanted, where its name ends. */
type LineKind = 'blank' | 'folded' | 'separator' | 'other' | number;

interface BegunName {
  readonly name: string;
  /** So many characters of it stand on the line and nothing else, but for bare CRs, and blanks behind it. */
  readonly begun: number;
}

function kindOfField(bytes: Buffer, start: number, { name, begun }: BegunName): LineKind | undefined {
  let known: number | undefined = begun;
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at];
    const isFar = at - start > MOST_BLANKS + name.length;
    if (known === name.length && (byte === COLON || byte === NUL || isFar)) return at;
    known = isFar || isPair(bytes, at) ? undefined : begunWith(byte, { name, begun: known });
    if (known === undefined) return 'other';
  }
  return undefined;
}

/** Undefined where another name stands there by now. */
function begunWith(byte: number | undefined, { name, begun }: BegunName): number | undefined {
  if (byte === CARRIAGE_RETURN) return begun;
  if (begun === name.length) return isBlank(byte) ? begun : undefined;
  return byte !== undefined && String.fromCharCode(byte).toLowerCase() === name[begun] ? begun + 1 : undefined;
}

function begunWithAll(piece: Buffer, name: string, begun: number | undefined): number | undefined {
  if (piece.at(-1) === LINE_FEED) return 0;
  let known = begun;
  for (const byte of piece) {
    if (known === undefined) return undefined;
    known = begunWith(byte, { name, begun: known });
  }
  return known;
}

function isPair(bytes: Buffer, at: number): boolean {
  return bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED;
}

function isBlank(byte: number | undefined): boolean {
  return byte === BLANK || byte === TAB;
}

/** In whatever case; undefined where the bytes end within it. */
function startsWith(bytes: Buffer, at: number, text: string): boolean | undefined {
  const found = bytes.toString('latin1', at, at + text.length);
  if (!text.toLowerCase().startsWith(found.toLowerCase())) return false;
  return found.length === text.length ? true : undefined;
}

/** Behind the line or what there is of it, without a CR at the end of it all, which may be half of a line end. */
function behindLine(bytes: Buffer, at: number, isLast: boolean): number {
  const { textEnd, end } = lineAt(bytes, at);
  const isHalf = bytes[textEnd] === CARRIAGE_RETURN && textEnd + 1 === bytes.length;
  return isHalf && !isLast ? textEnd : end;
}

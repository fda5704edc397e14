/**
 * Takes the fields of one name out of the header of a mail that comes piece by piece, wherever they are in it and wherever a piece ends.
 *
 * Lines are those of `field-places.ts`. Blank lines at the very top end the header for some readers and not for others, so it goes on
 * behind them here. No more is held back than tells whether a line is such a field.
 */
import type { FieldRemoval } from '#pipeline/read/mail-editor.ts';
import { lineAt, SEPARATOR } from './field-places.ts';

const [LINE_FEED, CARRIAGE_RETURN, COLON, BLANK, TAB, NUL] = [0x0a, 0x0d, 0x3a, 0x20, 0x09, 0x00] as const;
/** Between a name and its colon. With more nobody means anything else by that name. */
const MOST_BLANKS = 4_096;
const NOTHING = Buffer.alloc(0);

export class ByteFieldRemoval implements FieldRemoval {
  readonly #name: string;
  #heldBack = NOTHING;
  #isLineStart = true;
  #isBehindFeed = true;
  #isFirstLine = true;
  #hasBegun = false;
  #isTakenOut = false;
  #isOver = false;

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
    while (this.#begins(bytes, at, isLast)) {
      const end = behindLine(bytes, at, isLast);
      if (end === at) break;
      if (!this.#isTakenOut) keptBytes += bytes.copy(kept, keptBytes, at, end);
      this.#isBehindFeed = bytes[end - 1] === LINE_FEED;
      this.#isLineStart = this.#isBehindFeed || bytes[end - 1] === CARRIAGE_RETURN;
      at = end;
    }
    if (this.#isOver) keptBytes += bytes.copy(kept, keptBytes, at);
    this.#heldBack = this.#isOver ? NOTHING : Buffer.from(bytes.subarray(at));
    return kept.subarray(0, keptBytes);
  }

  /** Whether a line, or more of one, can be passed on or left out; else the header is over, or more of it has to come. */
  #begins(bytes: Buffer, at: number, isLast: boolean): boolean {
    if (at >= bytes.length || !this.#isLineStart) return at < bytes.length;
    const kind = this.#kindOf(bytes, at) ?? (isLast ? 'other' : undefined);
    this.#isOver = kind === 'blank' && this.#isBehindFeed && this.#hasBegun;
    if (kind === undefined || this.#isOver) return false;
    if (kind !== 'folded') this.#isTakenOut = kind === 'wanted';
    if (kind !== 'blank' && kind !== 'separator') this.#hasBegun = true;
    this.#isLineStart = false;
    this.#isFirstLine = false;
    return true;
  }

  #kindOf(bytes: Buffer, at: number): LineKind | undefined {
    const [first, second] = [bytes[at], bytes[at + 1]];
    if (first === LINE_FEED) return 'blank';
    if (first === CARRIAGE_RETURN) return second === undefined ? undefined : second === LINE_FEED ? 'blank' : 'other';
    if (first === BLANK || first === TAB) return 'folded';
    const isSeparator = this.#isFirstLine && startsWith(bytes, at, SEPARATOR);
    if (isSeparator !== false) return isSeparator && 'separator';
    return kindOfField(bytes, at, this.#name);
  }
}

/** Undefined where the bytes end before that is known. */
type LineKind = 'blank' | 'folded' | 'separator' | 'wanted' | 'other';

function kindOfField(bytes: Buffer, at: number, name: string): LineKind | undefined {
  const isNamed = startsWith(bytes, at, name);
  if (isNamed !== true) return isNamed === undefined ? undefined : 'other';
  const start = at + name.length;
  let colon = start;
  while (isBlank(bytes[colon])) colon += 1;
  if (bytes[colon] === COLON || colon - start > MOST_BLANKS) return 'wanted';
  return colon < bytes.length ? 'other' : undefined;
}

/** NUL is none but for maildrop, to whose rules it is nothing at all there. */
function isBlank(byte: number | undefined): boolean {
  return byte === BLANK || byte === TAB || byte === NUL;
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

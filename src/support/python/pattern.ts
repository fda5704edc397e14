/**
 * Translates a regular expression in Python's syntax (module `re`) into one of JavaScript that means the same.
 *
 * The texts it is for are printable ASCII, so what concerns line ends and other alphabets makes no difference. What JavaScript has
 * no word for is refused: conditions, atomic groups, possessive repetition, flags for a part, verbose patterns. So are captures that the
 * two languages keep differently: those that a repetition may leave unset or empty, and references to groups that may be unset.
 */
import { literal, translateClass } from './character-class.ts';
import { PatternScanner, takeControlEscape, takeNumericEscape, Untranslatable } from './pattern-scanner.ts';

export interface PythonPattern {
  /** For RegExp, together with `flags`. */
  readonly source: string;
  readonly flags: string;
  readonly groups: number;
  readonly names: ReadonlyMap<string, number>;
  /** It can match nothing where it could match something as well. */
  readonly mayPreferNothing: boolean;
}

export type PatternReading =
  { readonly kind: 'pattern'; readonly pattern: PythonPattern } | { readonly kind: 'refused'; readonly why: string };

export function readPythonPattern(text: string): PatternReading {
  try {
    return { kind: 'pattern', pattern: new PatternTranslation(text).whole() };
  } catch (error) {
    if (error instanceof Untranslatable || error instanceof SyntaxError) return { kind: 'refused', why: error.message };
    throw error;
  }
}

/** A part of the pattern. */
interface Piece {
  readonly source: string;
  readonly mayBeEmpty: boolean;
  /** Python repeats no assertion; JavaScript refuses it for those that it knows. */
  readonly isRepeatable?: boolean;
}

const NESTING_LIMIT = 50;

class PatternTranslation {
  readonly #scanner: PatternScanner;
  readonly #names = new Map<string, number>();
  readonly #open = new Set<number>();
  /** The groups that have matched for sure wherever the translation is. */
  #certain = new Set<number>();
  #groups = 0;
  #depth = 0;

  constructor(text: string) {
    this.#scanner = new PatternScanner(text);
  }

  whole(): PythonPattern {
    const flags = this.#leadingFlags();
    const { source, mayBeEmpty } = this.#alternatives();
    if (!this.#scanner.isAtEnd()) throw new Untranslatable('a parenthesis ) was never opened');
    new RegExp(source, flags); // throws a SyntaxError for what is left
    const mayPreferNothing = mayBeEmpty && /\||\}\?/.test(source); // what the pattern means literally is escaped in it
    return { source, flags, groups: this.#groups, names: this.#names, mayPreferNothing };
  }

  #leadingFlags(): string {
    let letters = '';
    for (let flags = this.#flags(); flags !== undefined; flags = this.#flags()) letters += flags;
    if (/[Lx]/.test(letters)) throw new Untranslatable('the flags L and x cannot be translated');
    return letters.includes('i') ? 'iu' : 'u';
  }

  #flags(): string | undefined {
    return this.#scanner.accept(/^\(\?([aiLmsux]+)\)/)?.[1];
  }

  #alternatives(): Piece {
    const before = this.#certain;
    const branches = [this.#sequence()];
    while (this.#scanner.accept(/^\|/)) {
      this.#certain = new Set(before);
      branches.push(this.#sequence());
    }
    if (branches.length > 1) this.#certain = before;
    return {
      source: branches.map(({ source }) => source).join('|'),
      mayBeEmpty: branches.some(({ mayBeEmpty }) => mayBeEmpty),
    };
  }

  #sequence(): Piece {
    this.#certain = new Set(this.#certain);
    const pieces: Piece[] = [];
    while (this.#hasMore()) pieces.push(this.#repeated());
    return {
      source: pieces.map(({ source }) => source).join(''),
      mayBeEmpty: pieces.every(({ mayBeEmpty }) => mayBeEmpty),
    };
  }

  #hasMore(): boolean {
    this.#skipComments();
    return !this.#scanner.isAtEnd() && !/^[|)]/.test(this.#scanner.rest);
  }

  #repeated(): Piece {
    const [before, groupsBefore] = [new Set(this.#certain), this.#groups];
    const piece = this.#atom();
    this.#skipComments();
    const repetition = this.#repetition();
    if (!repetition) return piece;
    if (piece.isRepeatable === false) throw new Untranslatable('there is nothing to repeat');
    const { source, least, most } = repetition;
    if (most > 1) this.#refuseLooseGroups(groupsBefore, piece);
    if (least === 0) this.#certain = before;
    return { source: `${piece.source}${source}`, mayBeEmpty: least === 0 || piece.mayBeEmpty };
  }

  /** After a repetition Python keeps what a group had in an earlier round, JavaScript forgets it; and only Python ends with an empty one. */
  #refuseLooseGroups(groupsBefore: number, { mayBeEmpty }: Piece): void {
    for (let group = groupsBefore + 1; group <= this.#groups; group += 1)
      if (mayBeEmpty || !this.#certain.has(group))
        throw new Untranslatable(`group ${String(group)} is repeated, and may be unset or empty in the last round`);
  }

  #repetition(): { source: string; least: number; most: number } | undefined {
    const match =
      this.#scanner.accept(/^[*+?]/) ?? this.#scanner.accept(/^\{(?=[\d,])(?<least>\d*)(?<comma>,?)(?<most>\d*)\}/);
    if (!match) return undefined;
    if (this.#scanner.accept(/^\+/)) throw new Untranslatable('a possessive repetition cannot be translated');
    const lazy = this.#scanner.accept(/^\?/) ? '?' : '';
    if (/^(?:[*+?]|\{[\d,]+\})/.test(this.#scanner.rest)) throw new Untranslatable('a repetition is repeated');
    const { least, most } = boundsOf(match);
    const source = `{${String(least)},${most === Infinity ? '' : String(most)}}${lazy}`;
    return { source, least, most };
  }

  #atom(): Piece {
    const scanner = this.#scanner;
    if (scanner.accept(/^\\/)) return this.#escape();
    if (scanner.accept(/^\[/)) return { source: translateClass(scanner), mayBeEmpty: false };
    if (scanner.accept(/^\(/)) return this.#parenthesis();
    if (/^(?:[*+?]|\{[\d,]+\})/.test(scanner.rest)) throw new Untranslatable('there is nothing to repeat');
    const character = scanner.take();
    if (character === '^' || character === '$') return assertion(character);
    return { source: character === '.' ? '.' : literal(character.codePointAt(0) ?? 0), mayBeEmpty: false };
  }

  #escape(): Piece {
    const scanner = this.#scanner;
    const category = scanner.accept(/^[dDsSwW]/);
    if (category) return { source: `\\${category[0]}`, mayBeEmpty: false };
    const edge = scanner.accept(/^[AbBZ]/);
    if (edge) return assertion({ A: '^', Z: '$' }[edge[0]] ?? `\\${edge[0]}`);
    const code = takeNumericEscape(scanner) ?? takeControlEscape(scanner);
    if (code !== undefined) return { source: literal(code), mayBeEmpty: false };
    const reference = scanner.accept(/^[1-9]\d?/);
    if (reference) return this.#reference(Number(reference[0]));
    if (scanner.isAtEnd() || /^[A-Za-z]/.test(scanner.rest))
      throw new Untranslatable(`\\${scanner.rest.slice(0, 1)} cannot be translated`);
    return { source: literal(scanner.take().codePointAt(0) ?? 0), mayBeEmpty: false };
  }

  #reference(group: number | undefined): Piece {
    if (group === undefined || group > this.#groups || this.#open.has(group))
      throw new Untranslatable('it refers to a group that is not there yet');
    if (!this.#certain.has(group))
      throw new Untranslatable(`it refers to group ${String(group)}, which may be unset; that cannot be translated`);
    return { source: `(?:\\${String(group)})`, mayBeEmpty: true };
  }

  #parenthesis(): Piece {
    const scanner = this.#scanner;
    const reference = scanner.accept(/^\?P=(\w+)\)/);
    if (reference) return this.#reference(this.#names.get(reference[1] ?? ''));
    const look = scanner.accept(/^\?<?[=!]/);
    if (look) return this.#look(look[0]);
    const flags = scanner.accept(/^\?[aiLmsux]*(?:-[imsx]+)?:/);
    if (flags) return this.#plainGroup(flags[0]);
    const name = scanner.accept(/^\?P<([^\W\d]\w*)>/);
    if (name) return this.#capture(name[1]);
    if (/^\?/.test(scanner.rest)) throw new Untranslatable(`(${scanner.rest.slice(0, 3)} cannot be translated`);
    return this.#capture(undefined);
  }

  #plainGroup(opening: string): Piece {
    if (/[iLx]/.test(opening))
      throw new Untranslatable('flags for a part cannot be translated; write (?i) at the start');
    const body = this.#body();
    return { ...body, source: `(?:${body.source})` };
  }

  #capture(name: string | undefined): Piece {
    this.#groups += 1;
    const group = this.#groups;
    if (name !== undefined && this.#names.has(name)) throw new Untranslatable(`there are two groups named ${name}`);
    if (name !== undefined) this.#names.set(name, group);
    this.#open.add(group);
    const body = this.#body();
    this.#open.delete(group);
    this.#certain.add(group);
    return { ...body, source: `(${body.source})` };
  }

  #look(opening: string): Piece {
    const [before, groupsBefore] = [this.#certain, this.#groups];
    const { source } = this.#body();
    if (opening !== '?=' && this.#groups > groupsBefore)
      throw new Untranslatable('a group within what is looked back at, or must not follow, cannot be translated');
    if (opening !== '?=') this.#certain = before;
    return assertion(`(${opening}${source})`);
  }

  #body(): Piece {
    this.#depth += 1;
    if (this.#depth > NESTING_LIMIT) throw new Untranslatable('its groups are nested too deeply');
    const body = this.#alternatives();
    if (!this.#scanner.accept(/^\)/)) throw new Untranslatable('a parenthesis ( is not closed');
    this.#depth -= 1;
    return body;
  }

  #skipComments(): void {
    while (this.#scanner.accept(/^\(\?#[^)]*\)/));
  }
}

function assertion(source: string): Piece {
  return { source, mayBeEmpty: true, isRepeatable: false };
}

function boundsOf({ 0: text, groups }: RegExpExecArray): { least: number; most: number } {
  if (!groups) return { least: text === '+' ? 1 : 0, most: text === '?' ? 1 : Infinity };
  const { least = '', comma, most = '' } = groups;
  return {
    least: Number(least),
    most: comma === '' ? Number(least) : most === '' ? Infinity : Number(most),
  };
}

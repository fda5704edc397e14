/**
 * Steps through a pattern or template in Python's syntax, and reads the escapes that mean one character everywhere.
 */

/** What cannot be translated, or is no pattern in Python either; whoever reads the whole turns it into a value. */
export class Untranslatable extends Error {}

const CONTROLS: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };
const MAX_OCTAL = 0o377;
const MAX_CODE_POINT = 0x10ffff;

export class PatternScanner {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get rest(): string {
    return this.#text.slice(this.#position);
  }

  isAtEnd(): boolean {
    return this.#position >= this.#text.length;
  }

  /** Goes on behind `pattern`, which begins with `^`, where it matches. */
  accept(pattern: RegExp): RegExpExecArray | undefined {
    const match = pattern.exec(this.rest);
    this.#position += match?.[0].length ?? 0;
    return match ?? undefined;
  }

  /** The next character, a whole code point. */
  take(): string {
    const character = String.fromCodePoint(this.#text.codePointAt(this.#position) ?? 0);
    this.#position += character.length;
    return character;
  }
}

/** Behind a backslash: a code point written in hexadecimal or octal digits; undefined when something else follows. */
export function takeNumericEscape(scanner: PatternScanner): number | undefined {
  const hexadecimal = scanner.accept(/^(?:x([\dA-Fa-f]{2})|u([\dA-Fa-f]{4})|U([\dA-Fa-f]{8}))/);
  if (hexadecimal) return checkedCodePoint(parseInt(hexadecimal.slice(1).join(''), 16));
  const octal = scanner.accept(/^(?:0[0-7]{0,2}|[0-7]{3})/);
  if (!octal) return undefined;
  const code = parseInt(octal[0], 8);
  if (code > MAX_OCTAL) throw new Untranslatable(`\\${octal[0]} is no octal escape`);
  return code;
}

/** Behind a backslash: `\n` and its like. */
export function takeControlEscape(scanner: PatternScanner): number | undefined {
  const control = scanner.accept(/^[abfnrtv]/);
  return control && CONTROLS[control[0]];
}

function checkedCodePoint(code: number): number {
  if (code > MAX_CODE_POINT) throw new Untranslatable('there is no such character');
  return code;
}

/**
 * HTML in which each value is text, by construction: the tag `html` escapes all that is put into a template, but for what it made itself.
 *
 * What strangers wrote comes in as it is: what cannot be seen, or makes a line read as something else (controls, directions of writing), becomes a
 * question mark, and what is very long is cut. Values stand between tags or in quoted attributes, nowhere else.
 */

/** Made by `html` alone. */
export class Html {
  readonly #text: string;

  /** For `html`: what is given here is not looked at again. */
  constructor(parts: readonly string[]) {
    this.#text = parts.join('');
  }

  toString(): string {
    return this.#text;
  }
}

/** Nothing stands for undefined and false. */
export type HtmlValue = string | number | Html | undefined | false | readonly HtmlValue[];

export function html(literals: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(literals.flatMap((literal, at) => [literal, textOf(values[at])]));
}

/** As long as a policy may be that is worth to be read. */
const MAX_LENGTH = 4_096;
const NOT_SHOWN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Surrogate}\p{Noncharacter_Code_Point}]/gu;
const SPECIAL = /[&<>"'`]/g;

function textOf(value: HtmlValue): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.toString();
  if (typeof value === 'number' || typeof value === 'string') return escaped(String(value));
  return value.map(textOf).join('');
}

function escaped(text: string): string {
  const cut = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}...` : text;
  return cut.replace(NOT_SHOWN, '?').replace(SPECIAL, (character) => `&#${String(character.charCodeAt(0))};`);
}

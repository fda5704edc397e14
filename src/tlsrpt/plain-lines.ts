/**
 * Text for people to read in a terminal or a mail: lines that fit, and foreign words that cannot pass for ours.
 */

/** RFC 5322 2.1.1: what a line should not exceed. */
const MAX_LINE_LENGTH = 78;
/** Controls and what reorders, hides or joins the characters around it; blanks of other kinds; noncharacters. */
const NOT_SHOWN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Surrogate}\p{Noncharacter_Code_Point}]/gu;

export interface Indents {
  readonly first: string;
  readonly others: string;
}

/** Breaks a text between words; a word that is longer than a line keeps one of its own. */
export function wrapText(text: string, { first, others }: Indents = { first: '', others: '' }): string[] {
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(' ')) {
    const isBegun = line !== first && line !== others;
    if (isBegun && line.length + 1 + word.length > MAX_LINE_LENGTH) {
      lines.push(line);
      line = others + word;
    } else line += isBegun ? ` ${word}` : word;
  }
  return [...lines, line];
}

/** Foreign text on one line: what cannot be seen becomes a question mark, and what is too long is cut. */
export function showForeign(text: string, maxLength: number): string {
  const characters = Array.from(text.replace(NOT_SHOWN, '?').replace(/\s+/gu, ' ').trim());
  return characters.length <= maxLength ? characters.join('') : `${characters.slice(0, maxLength - 3).join('')}...`;
}

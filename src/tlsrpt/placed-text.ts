/**
 * Pieces of a foreign text that know where they stand in it, so that a mistake can be shown at its place.
 */

export interface PlacedText {
  readonly text: string;
  /** How many characters stand before it, in the units of a string's length. */
  readonly start: number;
}

/** One line of a foreign text, and where the mistake in it is. */
export interface Place {
  /** The whole line. */
  readonly text: string;
  /** From 1. */
  readonly line: number;
  /** Of the mistake in the line; counted as in PlacedText. */
  readonly start: number;
  /** At least 1; may be beyond the end where something is missing there. */
  readonly length: number;
}

export function placedText(text: string): PlacedText {
  return { text, start: 0 };
}

/** The pieces between the separators, without them. */
export function splitPlaced({ text, start }: PlacedText, separator: string): PlacedText[] {
  let at = start;
  return text.split(separator).map((piece) => {
    const placed = { text: piece, start: at };
    at += piece.length + separator.length;
    return placed;
  });
}

/** Without the blanks and tabs around it. */
export function trimPlaced({ text, start }: PlacedText): PlacedText {
  // Character by character: a regular expression for the blanks at the end begins anew at each blank, which takes seconds for 65,000.
  let [first, end] = [0, text.length];
  while (isBlank(text[first])) first += 1;
  while (end > first && isBlank(text[end - 1])) end -= 1;
  return { text: text.slice(first, end), start: start + first };
}

/** The place of a piece in the line that it was cut out of. */
export function placeIn(line: string, piece: PlacedText, number = 1): Place {
  return { text: line, line: number, start: piece.start, length: Math.max(piece.text.length, 1) };
}

function isBlank(character: string | undefined): boolean {
  return character === ' ' || character === '\t';
}

/**
 * Foreign text made fit to keep: bounded, in one line that nothing in it turns around, without control characters, lone surrogates and
 * noncharacters (I-JSON, RFC 7493 2.1).
 */
export function cleanText(text: string, maxLength: number): string {
  const bounded = text.slice(0, maxLength);
  return NOT_CLEAN.test(bounded) ? replaced(bounded, CONTROLS).trim() : bounded.trim();
}

/** The same where each blank says something: tabs, and the blanks around it, stay. */
export function cleanLine(line: string, maxLength: number): string {
  const bounded = line.slice(0, maxLength);
  return NOT_CLEAN.test(bounded) ? replaced(bounded, CONTROLS_BUT_TABS) : bounded;
}

/** One look that finds nothing is all that most texts cost. */
const NOT_CLEAN = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Surrogate}\p{Noncharacter_Code_Point}]/u;
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu;
const CONTROLS_BUT_TABS = /(?:(?!\t)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}])+/gu;

function replaced(text: string, controls: RegExp): string {
  return text.replace(controls, ' ').replace(/[\p{Surrogate}\p{Noncharacter_Code_Point}]/gu, '\ufffd');
}

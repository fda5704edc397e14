/**
 * Foreign text made fit to keep: bounded, in one line that nothing in it turns around, without control characters, lone surrogates and
 * noncharacters (I-JSON, RFC 7493 2.1).
 */
export function cleanText(text: string, maxLength: number): string {
  const bounded = text.slice(0, maxLength);
  return NOT_CLEAN.test(bounded) ? replaced(bounded).trim() : bounded.trim();
}

/** One look that finds nothing is all that most texts cost. */
const NOT_CLEAN = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Surrogate}\p{Noncharacter_Code_Point}]/u;

function replaced(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ')
    .replace(/[\p{Surrogate}\p{Noncharacter_Code_Point}]/gu, '\ufffd');
}

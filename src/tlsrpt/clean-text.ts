/**
 * Foreign text made fit to keep: bounded, in one line that nothing in it turns around, without control characters, lone surrogates and
 * noncharacters (I-JSON, RFC 7493 2.1).
 */
export function cleanText(text: string, maxLength: number): string {
  return text
    .slice(0, maxLength)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ')
    .replace(/[\p{Surrogate}\p{Noncharacter_Code_Point}]/gu, '\ufffd')
    .trim();
}

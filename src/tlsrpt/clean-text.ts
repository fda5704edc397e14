/**
 * Foreign text made fit to keep: bounded, without control characters, lone surrogates and noncharacters (I-JSON, RFC 7493 2.1).
 */
export function cleanText(text: string, maxLength: number): string {
  return text
    .slice(0, maxLength)
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/[\p{Surrogate}\p{Noncharacter_Code_Point}]/gu, '\ufffd')
    .trim();
}

/**
 * The envelope sender that mails with reports have where bounces are told apart by it: an address of its own for each delivery (VERP).
 *
 * A pattern such as `tlsrpt-bounces+*@example.com` has a token in place of its asterisk. The case of letters may be lost on the way, and who
 * forwards a mail or signs its sender (SRS, BATV) writes the address otherwise, so a token is known by its own form alone.
 */
export const BOUNCE_TOKEN_LENGTH = 26;

const MOST_TOKENS = 50;
/** Of base32, with what may follow in a local part. */
const TOKEN_IN_ADDRESS = new RegExp(
  `(?=([a-z2-7]{${String(BOUNCE_TOKEN_LENGTH)}})[a-z0-9!#$%&'*+/=?^_\`{|}~.-]{0,38}@)`,
  'gi',
);

export function bounceAddress(pattern: string, token: string): string {
  return pattern.replace('*', () => token);
}

/** What may be tokens in a text with addresses, in lower case, each once. */
export function bounceTokensIn(text: string): string[] {
  const tokens = new Set<string>();
  for (const [, token = ''] of text.matchAll(TOKEN_IN_ADDRESS)) {
    tokens.add(token.toLowerCase());
    if (tokens.size === MOST_TOKENS) break;
  }
  return [...tokens];
}

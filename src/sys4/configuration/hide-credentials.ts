/**
 * Hides what is secret in the texts of a foreign configuration before they are shown: passwords in URLs, in options and variables of
 * commands, in headers.
 *
 * Such texts are shown in messages, and in a configuration that others may read. What may be a secret counts as one. A text in which a quote is
 * left open has none of what follows it.
 */

const HIDDEN = '***';

/** One word as a shell takes it, or all that follows a quote that is left open. */
const WORD = String.raw`(?:"(?:[^"\\]|\\[^])*"|'[^']*'|\\[^]|[^\s"'\\]|["'][^]*$)+`;
const BETWEEN = String.raw`(?:\s*=\s*|\s+)`;
const SECRET_NAME = String.raw`[\w.-]*(?:pass(?:wd|word|phrase)?(?:eval)?|pw|pwd|secret|token|bearer|credentials?|(?:api|access|auth|private|secret)[_-]?key)`;

/** In the query of a URL. */
const SECRET_PARAMETER = String.raw`(?:[\w.-]*[_.-])?(?:key|auth|sig|signature|jwt)`;
const PLAIN_HEADER = String.raw`(?:[Cc]ontent-|[Aa]ccept|[Uu]ser-[Aa]gent|[Ee]xpect|[Hh]ost)`;

/** Each with the part that stays as its first group. */
const SECRETS: readonly RegExp[] = [
  // https://user:password@host, and the same without its scheme, as curl takes proxies; no mailto:user@host
  /([a-z][\w+.-]*:\/\/[^\s:/@]*:)[^\s/]*@/gi,
  /([a-z][\w+.-]*:\/\/[^\s:/@?#]*:(?!\d+(?:[/?#]|$)))[^\s"'?#]*@/gi,
  /((?:^|[\s"'=])(?!mailto:)[^\s:"'=/@]+:)(?!\/\/)[^\s/]*@/gi,
  // --password word, SSHPASS=word, ?token=word, sshpass -p word, swaks -ap word
  new RegExp(String.raw`((?:^|\s)-+${SECRET_NAME}${BETWEEN})${WORD}`, 'gi'),
  new RegExp(String.raw`((?:^|[\s"'])${SECRET_NAME}\s*=\s*)${WORD}`, 'gi'),
  new RegExp(String.raw`([?&;](?:${SECRET_NAME}|${SECRET_PARAMETER})=)[^\s&;"']+`, 'gi'),
  new RegExp(String.raw`(sshpass(?:\s+-(?:v+|v*e\w*|[fdP]\s*\S+))*\s+-[ve]*p\s*)${WORD}`, 'gi'),
  new RegExp(String.raw`((?:^|\s)-ap\s+)${WORD}`, 'g'),
  // -H "Authorization: Basic ...", and any other header but those that are known to hold none
  new RegExp(
    String.raw`((?:^|\s)(?:-[A-Za-z]*H|--header)(?:\s*=\s*|\s*)["']?(?!${PLAIN_HEADER})[\w-]+\s*:(?!\/\/|\d+(?:\s|$))\s*)[^"'\n]+`,
    'g',
  ),
  /((?:authorization|cookie|[\w-]*(?:key|token|secret|password))\s*:\s*)[^"'\n]+/gi,
  new RegExp(String.raw`((?:^|\s)(?:-b|--cookie)${BETWEEN})${WORD}`, 'g'),
];

/** Options of curl and others whose value has the password behind a colon. */
const PAIRS: readonly RegExp[] = [
  new RegExp(String.raw`((?:^|\s)--(?:proxy-)?(?:user|cert)${BETWEEN})(${WORD})`, 'gi'),
  new RegExp(String.raw`((?:^|\s)-[A-Za-z]*?[auUE]\s*)(${WORD})`, 'g'),
];

/** They take a user and a group in that form. */
const CONTAINERS = /\b(?:docker|podman|nerdctl|kubectl|lxc|machinectl)\b/;

export function withoutCredentials(text: string): string {
  const plain = SECRETS.reduce((rest, secret) => rest.replace(secret, hideSecret), text);
  if (CONTAINERS.test(text)) return plain;
  return PAIRS.reduce((rest, pair) => rest.replace(pair, hidePair), plain);
}

/** Of a key that is named after a secret, nothing. */
export function shownValue(key: string, value: string): string {
  return new RegExp(`^${SECRET_NAME}$`, 'i').test(key) ? HIDDEN : withoutCredentials(value);
}

export function hasCredentials(text: string): boolean {
  return withoutCredentials(text) !== text;
}

function hideSecret(match: string, kept: string): string {
  return `${kept}${HIDDEN}${match.endsWith('@') ? '@' : ''}`;
}

function hidePair(match: string, kept: string, value: string): string {
  return value.includes(':') ? `${kept}${HIDDEN}` : match;
}

/**
 * The options of a curl command, as far as they have no say in where it posts to; and a proxy, as curl reads it.
 */

/** By their long names, without dashes; empty for a switch. */
export type CurlOptions = ReadonlyMap<string, string>;

/** By letter. */
const SWITCHES: Readonly<Record<string, string>> = {
  s: 'silent',
  S: 'show-error',
  f: 'fail',
  k: 'insecure',
  g: 'globoff',
  v: 'verbose',
  L: 'location',
  4: 'ipv4',
  6: 'ipv6',
};
const LONG_SWITCHES = new Set([
  ...Object.values(SWITCHES),
  ...['fail-with-body', 'compressed', 'http1.1', 'http2', 'no-progress-meter', 'proxy-basic', 'proxy-anyauth'],
]);

const WITH_VALUE: Readonly<Record<string, string>> = {
  H: 'header',
  d: 'data',
  X: 'request',
  m: 'max-time',
  x: 'proxy',
  U: 'proxy-user',
  A: 'user-agent',
  w: 'write-out',
  o: 'output',
  T: 'upload-file',
};
const LONG_WITH_VALUE = new Set([
  ...Object.values(WITH_VALUE),
  ...['data-binary', 'connect-timeout', 'cacert', 'retry'],
]);

/** Undefined where one of the words is something else. */
export function readCurl(args: readonly string[]): CurlOptions | undefined {
  const options = new Map<string, string>();
  const words = args.values();
  for (const word of words) {
    const found = word.startsWith('--') ? longOption(word) : shortOptions(word);
    if (!found) return undefined;
    for (const name of found.switches) options.set(name, '');
    if (found.option !== undefined) options.set(found.option, found.value ?? next(words));
  }
  return options;
}

/** What one word has: switches, and at most one option, whose value is the next word where it is not in the same one. */
interface Found {
  readonly switches: readonly string[];
  readonly option?: string;
  readonly value?: string | undefined;
}

function next(words: Iterator<string, undefined>): string {
  return words.next().value ?? '';
}

/** `--name`, `--name=value`. */
function longOption(word: string): Found | undefined {
  const [, name = '', value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
  if (LONG_WITH_VALUE.has(name)) return { switches: [], option: name, value };
  return LONG_SWITCHES.has(name) && value === undefined ? { switches: [name] } : undefined;
}

/** `-sS`, `-sSx VALUE`, `-sSxVALUE`. */
function shortOptions(word: string): Found | undefined {
  const [all = '', letters = '', letter, value] = /^-([sSfkgvL46]*)(?:([A-Za-z])(.*))?$/s.exec(word) ?? [];
  if (all.length < 2) return undefined;
  const switches = Object.entries(SWITCHES).flatMap(([one, name]) => (letters.includes(one) ? [name] : []));
  if (letter === undefined) return { switches };
  const option = WITH_VALUE[letter];
  return option === undefined ? undefined : { switches, option, value: value === '' ? undefined : value };
}

export interface CurlProxy {
  /** `http://host:port` */
  readonly url: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

const DEFAULT_PORT = 1080;

/** `login` is the value of `--proxy-user`, which prevails. */
export function readCurlProxy(proxy: string, login: string | undefined): CurlProxy {
  const [, scheme = 'http://', inUrl, host = '', path = ''] =
    /^([a-z][\w+.-]*:\/\/)?(?:([^/]*)@)?([^/]*)(.*)$/is.exec(proxy) ?? [];
  const port = /:\d+$/.test(host) ? '' : `:${String(DEFAULT_PORT)}`;
  const [user, password] = login === undefined ? pairIn(inUrl).map(decoded) : pairIn(login);
  return { url: `${scheme.toLowerCase()}${host}${port}${path}`, user, password };
}

function pairIn(login = ''): string[] {
  const [, user = '', password] = /^([^:]*)(?::(.*))?$/s.exec(login) ?? [];
  return user === '' ? [] : [user, password ?? ''];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

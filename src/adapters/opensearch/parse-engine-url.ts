/**
 * Reads where days are in a search engine: `opensearch+https://HOST[:PORT]/[PATH/]PREFIX`, `elasticsearch+https://...` alike, and for Halon's documents
 * `halon+https://HOST[:PORT]/[PATH/]INDEX`, in which asterisks stand for anything.
 *
 * Credentials are set elsewhere: a URL that has some is refused without being repeated.
 */
export interface EngineLocation {
  readonly kind: 'halon' | 'published';
  /** The same place always gives the same text. */
  readonly name: string;
  /** Before the index. */
  readonly url: URL;
  /** Or the prefix of several. */
  readonly index: string;
}

export type EngineUrlReading =
  | { readonly kind: 'location'; readonly location: EngineLocation }
  | { readonly kind: 'malformed'; readonly why: string };

const SHAPE = /^(opensearch|elasticsearch|halon)\+(https?:\/\/[^\s/?#]+)((?:\/[\w.~-]+)*)\/([^\s/?#]+)\/?$/i;
/** As they are named there; a comma, a plus or a minus would mean something else. */
const PREFIX = /^[a-z0-9][a-z0-9._-]{0,99}$/;
const PATTERN = /^[a-z0-9.*][a-z0-9._*-]{0,199}$/;

export function isEngineUrl(text: string): boolean {
  return /^(?:opensearch|elasticsearch|halon)\+/i.test(text);
}

export function parseEngineUrl(text: string): EngineUrlReading {
  const [, engine, host = '', path = '', index = ''] = SHAPE.exec(text) ?? [];
  if (engine === undefined || !URL.canParse(host))
    return malformed('it is not of the form opensearch+https://HOST[:PORT]/PREFIX');
  return locationOf(engine.toLowerCase(), new URL(`${host}${path}`), index);
}

function locationOf(scheme: string, url: URL, index: string): EngineUrlReading {
  if (url.username !== '' || url.password !== '')
    return malformed('it has a user or a password; set cluster.user and cluster.password_file');
  const kind = scheme === 'halon' ? 'halon' : 'published';
  if (!(kind === 'halon' ? PATTERN : PREFIX).test(index)) return malformed('what it ends in names no index');
  const name = `${scheme}+${url.href.replace(/\/+$/, '')}/${index}`;
  return { kind: 'location', location: { kind, name, url, index } };
}

function malformed(why: string): EngineUrlReading {
  return { kind: 'malformed', why };
}

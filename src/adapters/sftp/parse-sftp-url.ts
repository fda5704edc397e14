/**
 * Reads where something is on another host: `sftp://[USER@]HOST[:PORT]/PATH`. What is left out is for the SSH configuration to say.
 *
 * The host goes into a command that messages ask people to type, and the path to the server, so both are checked here once. Keys log in,
 * never a password: what has one is refused without being repeated.
 */
import { hostIn, plainTextIn, portIn, writtenHost, writtenPath } from '#support/url-parts.ts';

export interface SftpLocation {
  readonly user: string | undefined;
  /** A host name in lower case, an alias of the SSH configuration, or an IP address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number | undefined;
  /** Absolute, on the server. */
  readonly path: string;
}

export type SftpUrlReading =
  { readonly kind: 'location'; readonly location: SftpLocation } | { readonly kind: 'malformed'; readonly why: string };

const SHAPE = /^sftp:\/\/(?:(?<login>[^@/]*)@)?(?<host>\[[^\]@/]*\]|[^:@/[\]]*)(?::(?<port>[^@/]*))?(?<path>\/.*)?$/is;

export function parseSftpUrl(text: string): SftpUrlReading {
  const parts = SHAPE.exec(text)?.groups;
  if (!parts) return malformed('it is not of the form sftp://[USER@]HOST[:PORT]/PATH');
  if (parts['login']?.includes(':') === true) {
    return malformed('it has a password; log in with a key, and write sftp://USER@HOST/PATH');
  }
  return locationOf(parts);
}

function locationOf(parts: Readonly<Record<string, string | undefined>>): SftpUrlReading {
  const { login, port: digits } = parts;
  const user = login === undefined ? undefined : plainTextIn(login);
  if (login !== undefined && user === undefined) return malformed('its user is no name to log in as');
  const host = hostIn(parts['host'] ?? '');
  if (host === undefined) return malformed('what should be its host is neither a name nor an IP address');
  const port = digits === undefined ? undefined : portIn(digits);
  if (digits !== undefined && port === undefined) return malformed('its port is not a number from 1 to 65535');
  const path = pathOf(parts['path'] ?? '');
  if (path === undefined)
    return malformed('it does not end in the path of a state directory; write sftp://USER@HOST/PATH');
  return { kind: 'location', location: { user, host, port, path } };
}

/** The same place always gives the same text. */
export function formatSftpUrl({ user, host, port, path }: SftpLocation): string {
  const login = user === undefined ? '' : `${encodeURIComponent(user)}@`;
  const suffix = port === undefined ? '' : `:${String(port)}`;
  return `sftp://${login}${writtenHost(host)}${suffix}${writtenPath(path)}`;
}

/** Without a slash at the end, except for the root itself. */
function pathOf(text: string): string | undefined {
  const path = /[?#]/.test(text) ? undefined : plainTextIn(text);
  return path?.replace(/\/{2,}/g, '/').replace(/(?<=.)\/$/, '');
}

function malformed(why: string): SftpUrlReading {
  return { kind: 'malformed', why };
}

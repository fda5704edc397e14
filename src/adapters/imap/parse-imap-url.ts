/**
 * Reads where a mailbox is: `imaps://USER@HOST[:PORT]/FOLDER`, or `imap://` with STARTTLS (RFC 5092).
 *
 * The folder and the user go into commands of IMAP, so both are checked here once. A password stands in a file: what has one is refused without
 * being repeated. An `@` in the user may stand as it is, as many log in by their address.
 */
import { hostIn, plainTextIn, portIn, writtenHost, writtenPath } from '#support/url-parts.ts';

export interface ImapLocation {
  /** `imaps` is TLS from the first byte on. */
  readonly scheme: 'imaps' | 'imap';
  readonly user: string;
  /** A name in lower case, or an address without brackets. */
  readonly host: string;
  readonly port: number | undefined;
  /** As people see it, with the separator of the server. */
  readonly folder: string;
}

export type ImapUrlReading =
  { readonly kind: 'location'; readonly location: ImapLocation } | { readonly kind: 'malformed'; readonly why: string };

const SHAPE =
  /^(?<scheme>imaps?):\/\/(?:(?<login>[^/]*)@)?(?<host>\[[^\]@/]*\]|[^:@/[\]]*)(?::(?<port>[^@/]*))?(?:\/(?<folder>.*))?$/is;

export function parseImapUrl(text: string): ImapUrlReading {
  const parts = SHAPE.exec(text)?.groups;
  if (!parts) return malformed('it is not of the form imaps://USER@HOST[:PORT]/FOLDER');
  if (parts['login']?.includes(':') === true)
    return malformed(
      'it has a password; put that into the file of read.imap_password_file, and write imaps://USER@HOST/FOLDER',
    );
  return locationOf(parts);
}

/** The same place always gives the same text. */
export function formatImapUrl({ scheme, user, host, port, folder }: ImapLocation): string {
  const suffix = port === undefined ? '' : `:${String(port)}`;
  const path = writtenPath(folder).replaceAll(';', '%3B');
  return `${scheme}://${encodeURIComponent(user)}@${writtenHost(host)}${suffix}/${path}`;
}

function locationOf(parts: Readonly<Record<string, string | undefined>>): ImapUrlReading {
  const { scheme, login = '', host: hostText = '', port: digits, folder: name = '' } = parts;
  const user = userIn(login);
  if (user === undefined) return malformed('it does not say as whom to log in; write imaps://USER@HOST/FOLDER');
  const host = hostIn(hostText);
  if (host === undefined) return malformed('what should be its host is neither a name nor an IP address');
  const port = digits === undefined ? undefined : portIn(digits);
  if (digits !== undefined && port === undefined) return malformed('its port is not a number from 1 to 65535');
  const folder = folderIn(name);
  if (folder === undefined)
    return malformed('it does not end in the name of a folder; write ;, ? and # in it as %3B, %3F and %23');
  return { kind: 'location', location: { scheme: isImap(scheme) ? 'imap' : 'imaps', user, host, port, folder } };
}

function isImap(scheme: string | undefined): boolean {
  return scheme?.toLowerCase() === 'imap';
}

/** What follows a semicolon would be a way to log in (RFC 5092 3.2). */
function userIn(text: string): string | undefined {
  return text.includes(';') ? undefined : plainTextIn(text);
}

/** What follows a semicolon would be one mail, and what follows a question mark a search (RFC 5092 2). */
function folderIn(text: string): string | undefined {
  const name = text.replace(/\/$/, '');
  if (name === '') return 'INBOX';
  return /[;?#]/.test(name) ? undefined : plainTextIn(name);
}

function malformed(why: string): ImapUrlReading {
  return { kind: 'malformed', why };
}

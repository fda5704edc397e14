/**
 * What to read, as it was typed: files and directories, and mailboxes on IMAP servers.
 *
 * There is one password, so all mailboxes of a run are of one user on one server: no server ever gets the password for another one. Flags that
 * nothing would come of are refused.
 *
 * Problems: usage-error.
 */
import { formatImapUrl, parseImapUrl } from '#adapters/imap/parse-imap-url.ts';
import type { ImapLocation } from '#adapters/imap/parse-imap-url.ts';
import { settings } from '#config/settings.ts';
import { usageError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';

export type InboundWord =
  { readonly kind: 'path'; readonly path: string } | { readonly kind: 'mailbox'; readonly location: ImapLocation };

export const mailboxSettings = ['imapPasswordFile', 'imapCa', 'imapTls', 'imapTimeout', 'imapDeadline'] as const;

const OF_MAILBOXES = ['seen', 'move', ...mailboxSettings.map((name) => settings[name].flag)];
const URL_OF_MAILBOX = /^imaps?:\/\//i;

export function inboundWords({ positionals, given, settings: { imapTls } }: Invocation): readonly InboundWord[] {
  const words = (positionals.length > 0 ? positionals : ['-']).map(inboundWord);
  const locations = words.flatMap((word) => (word.kind === 'mailbox' ? [word.location] : []));
  const [first] = locations;
  const idle = OF_MAILBOXES.find((flag) => given.value(flag) !== undefined && given.value(flag) !== false);
  if (!first && idle !== undefined) throw usageError(`--${idle} goes with an imaps:// source, and there is none.`);
  for (const location of locations) {
    requireSameLogin(location, first ?? location);
    requireOtherFolder(location, given.text('move'));
    requireTlsUnlessHere(location, imapTls);
  }
  return words;
}

function inboundWord(word: string): InboundWord {
  if (!URL_OF_MAILBOX.test(word)) return { kind: 'path', path: word };
  const reading = parseImapUrl(word);
  if (reading.kind === 'location') return { kind: 'mailbox', location: reading.location };
  throw usageError(`The source ${word.replace(/:\/\/.*@/s, '://...@')} cannot be used: ${reading.why}.`);
}

function requireSameLogin(location: ImapLocation, first: ImapLocation): void {
  const loginOf = (each: ImapLocation): string => formatImapUrl({ ...each, folder: 'INBOX' });
  if (loginOf(location) === loginOf(first)) return;
  throw usageError(
    `${formatImapUrl(location)} and ${formatImapUrl(first)} are not of one user on one server, and there is one password. ` +
      'Read them one after the other.',
  );
}

function requireOtherFolder(location: ImapLocation, moveTo: string | undefined): void {
  if (moveTo === undefined) return;
  if (moveTo === '' || /\p{Cc}/u.test(moveTo)) throw usageError('--move needs the name of a folder.');
  if (moveTo === location.folder || (isInbox(moveTo) && isInbox(location.folder)))
    throw usageError(`--move ${moveTo} names the folder that is read. Name another one.`);
}

function isInbox(folder: string): boolean {
  return folder.toUpperCase() === 'INBOX'; // RFC 3501 5.1
}

const HERE = /^(localhost|127(\.\d+){3}|::1)$/;

function requireTlsUnlessHere({ scheme, host }: ImapLocation, imapTls: 'required' | 'off'): void {
  if (imapTls === 'required') return;
  if (scheme === 'imaps')
    throw usageError('read.imap_tls is off (--imap-tls), and the source is an imaps:// URL. Change one of them.');
  if (!HERE.test(host))
    throw usageError(
      `read.imap_tls is off (--imap-tls), and ${host} is not this machine: the password would travel in clear.`,
    );
}

/**
 * Mailboxes on IMAP servers, as the settings want them.
 *
 * Problems: configuration-error.
 */
import type { ImapLocation } from '#adapters/imap/parse-imap-url.ts';
import type { InboundMailbox } from '#pipeline/read/inbound-mailbox.ts';
import { configurationError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';
import type { InboundWord } from '#cli/arguments/inbound-words.ts';
import { placeOfSecret, readAuthorities, readSecret } from './setting-file.ts';

export type MailboxOf = (location: ImapLocation) => InboundMailbox;

const KEY = 'read.imap_password_file';

/** Everything that can be wrong with files is found here, before anything is read; undefined where no mailbox is named. */
export async function mailboxesOf(
  words: readonly InboundWord[],
  invocation: Invocation,
): Promise<MailboxOf | undefined> {
  if (!words.some(({ kind }) => kind === 'mailbox')) return undefined;
  const { settings, given } = invocation;
  const options = {
    password: passwordOf(invocation),
    ca: settings.imapCa === undefined ? undefined : readAuthorities(settings.imapCa, 'read.imap_ca'),
    usesTls: settings.imapTls === 'required',
    timeoutMs: settings.imapTimeout,
    deadlineMs: settings.imapDeadline,
    marks: { seen: given.has('seen'), moveTo: given.text('move') },
  };
  const { imapMailbox } = await import('#adapters/imap/imap-mailbox.ts'); // the IMAP client takes a while to load
  return (location) => imapMailbox({ ...options, location });
}

function passwordOf({ settings, environment }: Invocation): string {
  const place = placeOfSecret(settings.imapPasswordFile, 'imap-password', environment);
  if (!place) throw configurationError(`A mailbox needs a password, and ${KEY} is not set (--imap-password-file).`);
  const password = readSecret(place, KEY).replace(/\r?\n$/, '');
  if (password === '' || /\p{Cc}/u.test(password))
    throw configurationError(`${KEY}: the password in ${place.path} must be one line.`);
  return password;
}

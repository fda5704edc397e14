/**
 * Reads all mails of a mailbox on an IMAP server, as texts, and how that ends.
 */
import { imapMailbox } from '#adapters/imap/imap-mailbox.ts';
import type { ImapMailboxOptions } from '#adapters/imap/imap-mailbox.ts';
import type { ImapLocation } from '#adapters/imap/parse-imap-url.ts';
import type { MailboxFailure } from '#pipeline/read/inbound-mailbox.ts';
import { startFakeImapServer } from './fake-imap-server.ts';
import type { FakeImapServer, FakeImapWish } from './fake-imap-server.ts';

const LONG_MS = 60_000;
export const PASSWORD = 'secret';

export type MailboxWish = Partial<Omit<ImapMailboxOptions, 'location'>> & Partial<Pick<ImapLocation, 'scheme'>>;

/** What comes of a mailbox: the bytes of its mails, or why there are none, and how it ends. */
export interface MailboxOutcome {
  readonly mails: Readonly<Record<string, string>>;
  readonly failure: Omit<MailboxFailure, 'kind'> | undefined;
}

export async function readAll(port: number, wish: MailboxWish = {}): Promise<MailboxOutcome> {
  const { scheme = 'imap', ...options } = wish;
  const mailbox = imapMailbox({
    location: { scheme, user: 'me', host: '127.0.0.1', port, folder: 'INBOX' },
    password: PASSWORD,
    usesTls: false,
    timeoutMs: LONG_MS,
    deadlineMs: LONG_MS,
    marks: { seen: false, moveTo: undefined },
    ...options,
  });
  const mails: Record<string, string> = {};
  let failure: MailboxOutcome['failure'];
  for await (const mail of mailbox.mails()) {
    if (mail.kind === 'failed') failure = { code: mail.code, why: mail.why };
    else mails[mail.uid] = await textOf(mail.bytes());
  }
  await mailbox.close();
  return { mails, failure };
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  try {
    for await (const chunk of chunks) text += Buffer.from(chunk).toString('latin1');
    return text;
  } catch (error) {
    return `${text}[${(error as Error).message}]`;
  }
}

export async function outcomeOf(
  wish: FakeImapWish,
  options: MailboxWish = {},
): Promise<MailboxOutcome & Pick<FakeImapServer, 'commands'>> {
  const { port, commands } = await startFakeImapServer(wish);
  return { ...(await readAll(port, options)), commands };
}

export function hangingUpAt(which: RegExp): NonNullable<FakeImapWish['answer']> {
  return (command, socket) => {
    if (!which.test(command)) return undefined;
    socket.destroy();
    return '';
  };
}

export const unavailable = (why: unknown): MailboxOutcome['failure'] => ({
  code: 'mailbox-unavailable',
  why: why as string,
});
export const refused = (why: unknown): MailboxOutcome['failure'] => ({ code: 'mailbox-refused', why: why as string });

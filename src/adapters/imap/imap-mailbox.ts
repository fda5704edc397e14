/**
 * A folder on an IMAP server as a mailbox, implementing the port of read.
 *
 * It is opened for reading alone (EXAMINE) unless mails are to be marked or moved. What the server refuses to give of one mail, or hangs up at, costs
 * that mail; when the server is lost, what came until then is given first. Where mails are marked as seen, those that are not come first, so that each
 * run of a mailbox that takes longer than it may gets further.
 */
import type { InboundMailbox, MailboxFailure, MailboxMail } from '#pipeline/read/inbound-mailbox.ts';
import { FolderLink } from './folder-link.ts';
import type { FolderOptions } from './folder-link.ts';
import { beginningsOf, listedMails, mailBytes } from './folder-mails.ts';
import type { ImapAsking } from './imap-session.ts';
import { ImapTrouble } from './imap-trouble.ts';
import { mailGroups } from './mail-groups.ts';
import type { ListedMail } from './mail-groups.ts';
import { changesMails, markMails } from './mark-mails.ts';
import type { MailMarks } from './mark-mails.ts';
import { formatImapUrl } from './parse-imap-url.ts';

export type ImapMailboxOptions = Omit<FolderOptions, 'endMs'>;

export function imapMailbox(options: ImapMailboxOptions): InboundMailbox {
  return new ImapMailbox({ ...options, endMs: performance.now() + options.deadlineMs });
}

class ImapMailbox implements InboundMailbox {
  readonly name: string;
  readonly changesMails: boolean;
  readonly #marks: MailMarks;
  readonly #folder: FolderLink;
  /** Of the folder, for reading it. */
  readonly #reading: ImapAsking;

  constructor(options: FolderOptions) {
    this.name = formatImapUrl(options.location);
    this.changesMails = changesMails(options.marks);
    this.#marks = options.marks;
    this.#folder = new FolderLink(options);
    this.#reading = this.#folder.reading;
  }

  async *mails(): AsyncGenerator<MailboxMail | MailboxFailure> {
    try {
      for await (const mails of listedMails(this.#reading, { unseenFirst: this.#marks.seen }))
        for (const group of mailGroups(mails)) yield* this.#mailsOf(group);
    } catch (error) {
      yield failureOf(error);
    }
  }

  async mark(mails: readonly MailboxMail[]): Promise<MailboxFailure | undefined> {
    if (!this.changesMails) return undefined;
    try {
      await markMails(this.#folder.marking, mails, this.#marks);
      return undefined;
    } catch (error) {
      return failureOf(error);
    }
  }

  async close(): Promise<void> {
    await this.#folder.close();
  }

  async *#mailsOf(group: readonly ListedMail[]): AsyncGenerator<MailboxMail> {
    const { found, trouble } = await beginningsOf(this.#reading, group);
    for (const mail of group) {
      const beginning = found.get(mail.uid);
      if (beginning) yield this.#readableMail(mail, beginning);
      else if (trouble) yield* this.#mailAlone(mail);
    }
  }

  async *#mailAlone(mail: ListedMail): AsyncGenerator<MailboxMail> {
    const { found, trouble } = await beginningsOf(this.#reading, [mail]);
    if (trouble && this.#folder.isOver) throw trouble;
    const beginning = found.get(mail.uid);
    if (beginning) yield this.#readableMail(mail, beginning);
    else if (trouble) yield this.#mail(mail, () => readable(refusing(trouble)));
  }

  #readableMail(mail: ListedMail, beginning: Buffer): MailboxMail {
    return this.#mail(mail, () => readable(mailBytes(this.#reading, mail, beginning)));
  }

  #mail({ uid, sizeBytes, isSeen: hasFlag }: ListedMail, bytes: () => AsyncIterable<Uint8Array>): MailboxMail {
    const isSeen = this.#marks.seen && hasFlag;
    // RFC 5092 4
    return { kind: 'mail', name: `${this.name}/;UID=${String(uid)}`, isNamed: false, uid, sizeBytes, isSeen, bytes };
  }
}

/** What is no trouble of the server is a bug. */
function failureOf(error: unknown): MailboxFailure {
  if (error instanceof ImapTrouble) return error.failure;
  throw error;
}

/** The port of a source speaks of errors of the system. */
async function* readable(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } catch (error) {
    if (!(error instanceof ImapTrouble)) throw error;
    throw Object.assign(new Error(error.message, { cause: error }), { code: 'EIO' });
  }
}

async function* refusing(trouble: ImapTrouble): AsyncGenerator<Uint8Array> {
  await Promise.reject(trouble);
  yield new Uint8Array();
}

/**
 * A folder, open over one connection after the other: when one is lost, the next command opens another.
 *
 * Some servers hang up, or fall silent, whenever they are asked for a certain mail; without this, nothing behind it would ever be read. A few losses
 * are borne. A server that cannot be reached again, or whose folder is another one by then (UIDVALIDITY), is given up.
 */
import type { ImapFlow } from 'imapflow';
import { ImapSession } from './imap-session.ts';
import type { ImapSessionOptions } from './imap-session.ts';
import { ImapTrouble } from './imap-trouble.ts';
import { changesMails, requireMarkable } from './mark-mails.ts';
import type { MailMarks } from './mark-mails.ts';

export interface FolderOptions extends ImapSessionOptions {
  readonly marks: MailMarks;
}

const MOST_LOSSES = 10;

export class FolderLink {
  readonly #options: FolderOptions;
  #session: ImapSession | undefined;
  /** Numbers of mails hold for as long as it is the same (RFC 3501 2.3.1.1); undefined where the server says nothing of it. */
  #uidValidity: bigint | undefined;
  #losses = 0;
  /** What it was given up for. */
  #over: ImapTrouble | undefined;

  constructor(options: FolderOptions) {
    this.#options = options;
  }

  /** True when nothing more can be asked. */
  get isOver(): boolean {
    return this.#over !== undefined;
  }

  /** Rejects with ImapTrouble; see ImapSession. */
  async ask<T>(refused: string, command: (client: ImapFlow) => Promise<T>): Promise<Exclude<T, false>> {
    if (this.#over) throw this.#over;
    const session = (this.#session ??= await this.#open());
    try {
      return await session.ask(refused, command);
    } catch (error) {
      if (error instanceof ImapTrouble && error.code === 'mailbox-unavailable') await this.#lose(session, error);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#session?.close();
  }

  async #lose(session: ImapSession, trouble: ImapTrouble): Promise<void> {
    this.#losses += 1;
    if (this.#losses >= MOST_LOSSES) this.#over = trouble;
    this.#session = undefined;
    await session.close();
  }

  async #open(): Promise<ImapSession> {
    const session = new ImapSession(this.#options);
    try {
      await session.open();
      await this.#openFolder(session);
      return session;
    } catch (error) {
      if (error instanceof ImapTrouble) this.#over = error;
      await session.close();
      throw error;
    }
  }

  async #openFolder(session: ImapSession): Promise<void> {
    const { location, marks } = this.#options;
    const readOnly = !changesMails(marks);
    const folder = await session.ask('the folder cannot be opened', (client) =>
      client.mailboxOpen(location.folder, { readOnly }),
    );
    if (!readOnly) await requireMarkable(session, folder, marks);
    const isSame = this.#uidValidity !== undefined && folder.uidValidity === this.#uidValidity;
    if (this.#losses > 0 && !isSame)
      throw new ImapTrouble('mailbox-unavailable', 'the connection was lost, and the folder has other numbers since');
    this.#uidValidity = folder.uidValidity;
  }
}

/**
 * A folder, open over one connection after the other: when one is lost, the next command opens another.
 *
 * Some servers hang up, or fall silent, whenever they are asked for a certain mail; without this, nothing behind it would ever be read. So losses are
 * borne, unless there are many in a row. A server that cannot be reached again, or whose folder is another one by then (UIDVALIDITY), is given up. When
 * the time of the mailbox is over, no more is read, and what was read can still be marked.
 */
import type { ImapFlow } from 'imapflow';
import { ImapSession, overdueAsAWhole } from './imap-session.ts';
import type { ImapAsking, ImapSessionOptions } from './imap-session.ts';
import { ImapTrouble } from './imap-trouble.ts';
import { changesMails, requireMarkable } from './mark-mails.ts';
import type { MailMarks } from './mark-mails.ts';

export interface FolderOptions extends ImapSessionOptions {
  readonly marks: MailMarks;
  /** When the time for reading is over, by the clock that only goes forward. */
  readonly endMs: number;
}

/** In a row, while mails are read: as many beside each other may be damaged, and what stands behind them is to be read. */
const MOST_LOSSES = 100;

export class FolderLink {
  readonly #options: FolderOptions;
  #session: ImapSession | undefined;
  /** Numbers of mails hold for as long as it is the same (RFC 3501 2.3.1.1); undefined where the server says nothing of it. */
  #uidValidity: bigint | undefined;
  /** Since the server last answered. */
  #losses = 0;
  #lastLoss: ImapTrouble | undefined;
  /** What it was given up for. */
  #over: ImapTrouble | undefined;

  constructor(options: FolderOptions) {
    this.#options = options;
  }

  /** True when nothing more can be read. */
  get isOver(): boolean {
    return this.#over !== undefined || this.#losses >= MOST_LOSSES || performance.now() >= this.#options.endMs;
  }

  /** For reading, as long as the mailbox may take. */
  get reading(): ImapAsking {
    return this.#asking({ endMs: this.#options.endMs, mostLosses: MOST_LOSSES });
  }

  /** For marking what was read: from now on as long as one answer may take, also when reading is over. */
  get marking(): ImapAsking {
    const { endMs, timeoutMs } = this.#options;
    return this.#asking({ endMs: Math.max(endMs, performance.now() + timeoutMs), mostLosses: Infinity });
  }

  async close(): Promise<void> {
    await this.#session?.close();
  }

  #asking(bounds: Omit<Asking, 'refused'>): ImapAsking {
    return { ask: (refused, command) => this.#ask(command, { refused, ...bounds }) };
  }

  /** Rejects with ImapTrouble; see ImapSession. */
  async #ask<T>(command: (client: ImapFlow) => Promise<T>, asking: Asking): Promise<Exclude<T, false>> {
    const { refused, endMs, mostLosses } = asking;
    if (this.#over) throw this.#over;
    if (this.#lastLoss && this.#losses >= mostLosses) throw this.#lastLoss;
    if (performance.now() >= endMs) throw overdueAsAWhole(this.#options); // the connection is good for what is to be marked
    const session = (this.#session ??= await this.#open(endMs));
    try {
      const answer = await session.until(endMs).ask(refused, command);
      this.#losses = 0;
      return answer;
    } catch (error) {
      if (error instanceof ImapTrouble && error.code === 'mailbox-unavailable') await this.#lose(session, error);
      throw error;
    }
  }

  async #lose(session: ImapSession, trouble: ImapTrouble): Promise<void> {
    this.#losses += 1;
    this.#lastLoss = trouble;
    this.#session = undefined;
    await session.close();
  }

  async #open(endMs: number): Promise<ImapSession> {
    const session = new ImapSession(this.#options);
    try {
      const asking = session.until(endMs);
      await asking.ask('it does not let us in', (client) => client.connect());
      await this.#openFolder(asking);
      return session;
    } catch (error) {
      if (error instanceof ImapTrouble && performance.now() < endMs) this.#over = error;
      await session.close();
      throw error;
    }
  }

  async #openFolder(server: ImapAsking): Promise<void> {
    const { location, marks } = this.#options;
    const readOnly = !changesMails(marks);
    const folder = await server.ask('the folder cannot be opened', (client) =>
      client.mailboxOpen(location.folder, { readOnly }),
    );
    if (!readOnly) await requireMarkable(server, folder, marks);
    const isSame = this.#uidValidity !== undefined && folder.uidValidity === this.#uidValidity;
    if (this.#losses > 0 && !isSame)
      throw new ImapTrouble('mailbox-unavailable', 'the connection was lost, and the folder has other numbers since');
    this.#uidValidity = folder.uidValidity;
  }
}

interface Asking {
  /** What a refusal means. */
  readonly refused: string;
  readonly endMs: number;
  readonly mostLosses: number;
}

/**
 * The sessions with our mail server that are kept, each for one mail at a time.
 *
 * A server may take fewer connections than we may open: while others work, one that it does not take is no trouble, and the mail goes over
 * one of those. Only when none works is there no session to be had. Now and then one more is tried, as the server may take it by then.
 */
import type { SmtpSession } from './smtp-session.ts';

export interface SmtpPoolOptions {
  /** Rejects with why there is no session. */
  readonly open: () => Promise<SmtpSession>;
  readonly maxSessions: number;
  /** How long to wait for a session that somebody else has. */
  readonly timeoutMs: number;
}

const MAILS_BETWEEN_TRIES = 100;

export class SmtpPool {
  readonly #options: SmtpPoolOptions;
  /** All that are open. */
  readonly #sessions = new Set<SmtpSession>();
  readonly #idle: SmtpSession[] = [];
  #opening = 0;
  /** How many the server takes, as far as is known. */
  #mostSessions: number;
  /** How many mails the sessions were given since the server last took no more of these. */
  #mails = 0;
  #waiting: (() => void)[] = [];
  #isClosed = false;

  constructor(options: SmtpPoolOptions) {
    this.#options = options;
    this.#mostSessions = options.maxSessions;
  }

  /** Rejects with the error of the session that could not be opened. */
  async take(): Promise<SmtpSession> {
    let patience: AbortSignal | undefined;
    for (;;) {
      if (this.#isClosed) throw new Error('nothing is sent any more');
      const session = this.#idle.pop() ?? (this.#mayOpen() ? await this.#open() : undefined);
      if (session) return session;
      if (this.#idle.length > 0 || this.#mayOpen()) continue;
      patience ??= AbortSignal.timeout(this.#options.timeoutMs);
      if (patience.aborted) throw new Error('no connection to our mail server was free in time');
      await this.#change(patience);
    }
  }

  giveBack(session: SmtpSession): void {
    this.#mails += 1;
    if (this.#isClosed) void session.quit();
    else if (session.isOpen) this.#idle.push(session);
    this.#noteChange();
  }

  /** Whoever has a session may finish with it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#noteChange();
    await Promise.all(this.#idle.splice(0).map((session) => session.quit()));
  }

  #mayOpen(): boolean {
    const held = this.#sessions.size + this.#opening;
    if (held === 0) this.#mostSessions = this.#options.maxSessions;
    if (held < this.#mostSessions) return true;
    const isTimeToTry = this.#mails >= MAILS_BETWEEN_TRIES && this.#opening === 0;
    return isTimeToTry && held < this.#options.maxSessions;
  }

  /** Undefined when the server takes no more than it has. */
  async #open(): Promise<SmtpSession | undefined> {
    this.#opening += 1;
    try {
      return this.#keep(await this.#options.open());
    } catch (error) {
      this.#opening -= 1;
      this.#mostSessions = this.#sessions.size + this.#opening;
      this.#mails = 0;
      this.#noteChange();
      while (this.#sessions.size === 0 && this.#opening > 0) await this.#change();
      if (this.#sessions.size === 0) throw error;
      return undefined;
    }
  }

  #keep(session: SmtpSession): SmtpSession {
    this.#opening -= 1;
    this.#sessions.add(session);
    session.whenOver(() => {
      this.#sessions.delete(session);
      const index = this.#idle.indexOf(session);
      if (index >= 0) this.#idle.splice(index, 1);
      this.#noteChange();
    });
    this.#noteChange();
    return session;
  }

  #noteChange(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #change(patience?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        patience?.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.push(wake);
      patience?.addEventListener('abort', wake);
    });
  }
}

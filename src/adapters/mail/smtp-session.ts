/**
 * One session with our mail server, connected, greeted, encrypted and logged in, for one mail after the other.
 *
 * nodemailer waits for a sign of life and no longer, so a server that sends a byte now and then would hold a mail for ever. Here the opening of
 * a session has its time as a whole, and so has each mail; a connection on which something is overdue is cut off.
 */
import { Readable } from 'node:stream';
import type { NodemailerError } from 'nodemailer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type {
  SMTPConnectionCustomAuthResponse,
  SMTPConnectionOptions,
  SMTPConnectionSendInfo,
} from 'nodemailer/lib/smtp-connection';
import { connectToRelay } from './connect-to-relay.ts';
import type { Relay } from './connect-to-relay.ts';
import type { MailEnvelope, TransmitWatch } from './mail-carrier.ts';

export interface SmtpSessionOptions {
  readonly relay: Relay;
  readonly connection: SMTPConnectionOptions;
  readonly login?: { readonly user: string; readonly pass: string } | undefined;
}

export type SentMail =
  /** What the server said to it. */
  | { readonly kind: 'taken'; readonly reply: string }
  | { readonly kind: 'failed'; readonly error: NodemailerError }
  /** The server had ended the session before it was given anything of the mail, as it may at any time. */
  | { readonly kind: 'session-over' };

type Done<T> = (error?: NodemailerError | null, result?: T) => void;

/** By which nodemailer's own timers come first, as they know what was waited for. */
export const AFTER_NODEMAILER_MS = 100;
/** The method under which nodemailer finds what `ask` asks. */
const ASKED = 'ASKED';
/** For the server's goodbye. */
const QUIT_PATIENCE_MS = 1_000;
/** RFC 5321 3.8: the server ends the session with it, whatever it answers. */
const CLOSING = 421;

export class SmtpSession {
  readonly #connection: SMTPConnection;
  readonly #timeoutMs: number;
  #mails = 0;

  private constructor(connection: SMTPConnection, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
  }

  /** Rejects with RelayUnreachable, or with nodemailer's error; `relay.timeoutMs` is for the connection, and once more for all else. */
  static async open({ relay, connection: options, login }: SmtpSessionOptions): Promise<SmtpSession> {
    const connection = new SMTPConnection({ ...options, connection: await connectToRelay(relay) });
    connection.on('error', () => undefined); // whoever waits is told
    const session = new SmtpSession(connection, relay.timeoutMs + AFTER_NODEMAILER_MS);
    const open = session.#within((done) => {
      connection.connect((error) => {
        if (error || !login || !connection.allowsAuth) done(error);
        else connection.login({ user: login.user, credentials: login }, done);
      });
    });
    await open.catch((error: unknown) => {
      connection.close();
      throw error;
    });
    return session;
  }

  get isOpen(): boolean {
    return !this.#connection.destroyed;
  }

  get isEncrypted(): boolean {
    return this.#connection.secure;
  }

  get isLoggedIn(): boolean {
    return this.#connection.authenticated;
  }

  /** What the server answers to one command, for who looks at it without a mail. Rejects when no answer comes. */
  ask(command: string): Promise<SMTPConnectionCustomAuthResponse> {
    return this.#within((done) => {
      // nodemailer sends a command that it is given for authentication by a method of one's own, and for nothing else.
      this.#connection.customAuth.set(ASKED, (context) => {
        context.sendCommand(command, done);
      });
      this.#connection.login({ method: ASKED }, (error) => {
        if (error) done(error);
      });
    });
  }

  /** At once when it has ended. */
  whenOver(act: () => void): void {
    if (this.isOpen) this.#connection.once('end', act);
    else act();
  }

  async send(mail: Buffer, { from, to }: MailEnvelope, watch?: TransmitWatch): Promise<SentMail> {
    const message = Readable.from(contentOf(mail, watch));
    const end = (): void => {
      this.#connection.close();
    };
    watch?.ending.addEventListener('abort', end);
    const isFirst = this.#mails === 0;
    this.#mails += 1;
    try {
      const sent = await this.#within<SMTPConnectionSendInfo>((done) => {
        this.#connection.send({ from, to, size: mail.length }, message, done);
      });
      return { kind: 'taken', reply: sent.response };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      await this.#recover(error);
      const isUntouched = !isFirst && !message.readableDidRead;
      return isUntouched && isLost(error) ? { kind: 'session-over' } : { kind: 'failed', error };
    } finally {
      watch?.ending.removeEventListener('abort', end);
    }
  }

  async quit(): Promise<void> {
    const over = new Promise<void>((resolve) => {
      this.whenOver(resolve);
    });
    const timer = setTimeout(() => {
      this.#connection.close();
    }, QUIT_PATIENCE_MS);
    this.#connection.quit();
    await over;
    clearTimeout(timer);
  }

  /** A server that said no to a mail has to forget it before the next. After anything else the session is over, if it is not known yet. */
  async #recover({ code, responseCode }: NodemailerError): Promise<void> {
    const isAnswer = (code === 'EENVELOPE' || code === 'EMESSAGE') && responseCode !== CLOSING;
    if (!isAnswer) this.#connection.close();
    if (!this.isOpen) return;
    const reset = this.#within((done) => {
      this.#connection.reset(done);
    });
    await reset.catch(() => {
      this.#connection.close();
    });
  }

  /** Rejects also when the connection ends, and ends it when the time is over. */
  #within<T = unknown>(act: (done: Done<T>) => void): Promise<T> {
    const connection = this.#connection;
    let stopWatching = (): void => undefined;
    return new Promise<T>((resolve, reject) => {
      // After the callback, which may say why.
      const end = (): void => void setImmediate(reject, new SessionOver());
      const timer = setTimeout(() => {
        reject(new Overdue());
        connection.close();
      }, this.#timeoutMs);
      connection.on('error', reject).on('end', end);
      stopWatching = () => {
        clearTimeout(timer);
        connection.off('error', reject).off('end', end);
      };
      act((error, result) => {
        if (error) reject(error);
        else resolve(result as T);
      });
    }).finally(() => {
      stopWatching();
    });
  }
}

/** Asked for when the server wants it. */
function* contentOf(mail: Buffer, watch: TransmitWatch | undefined): Generator<Buffer> {
  watch?.given();
  yield mail;
}

class SessionOver extends Error {
  readonly code = 'ECONNECTION';

  constructor() {
    super('the server closed the connection');
  }
}

class Overdue extends Error {
  readonly code = 'ETIMEDOUT';

  constructor() {
    super('the server did not answer in time');
  }
}

function isLost({ code, responseCode }: NodemailerError): boolean {
  return responseCode === CLOSING || code === 'ECONNECTION' || code === 'ESOCKET';
}

/**
 * What a client of a mail server says and hears, one command and its reply at a time (RFC 5321 4.2), bounded in what it keeps.
 *
 * For looking at a server; mails are sent by nodemailer (smtp-session.ts).
 */
import type { Socket } from 'node:net';

export interface SmtpReply {
  readonly code: number;
  /** Without the codes; at least one. Foreign text, one character for each octet. */
  readonly lines: readonly [string, ...string[]];
}

const MAX_REPLY_LENGTH = 16_384;
const LAST_LINE = /^\d{3}(?: [^\n]*)?\r?\n/m;

export class SmtpDialogue {
  readonly #socket: Socket;
  #text = '';
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', this.#take).on('error', this.#end).on('close', this.#close);
  }

  /** Rejects when the connection ends, and for what is not a reply. */
  async hear(): Promise<SmtpReply> {
    for (;;) {
      const reply = this.#nextReply();
      if (reply) return reply;
      if (this.#failure) throw this.#failure;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  ask(command: string): Promise<SmtpReply> {
    this.#socket.write(`${command}\r\n`);
    return this.hear();
  }

  /** Ends listening, so that the connection can become a TLS connection; gives what came and was not heard. */
  leave(): string {
    this.#socket.off('data', this.#take).off('error', this.#end).off('close', this.#close);
    return this.#text;
  }

  readonly #take = (bytes: Buffer): void => {
    this.#text += bytes.toString('latin1');
    if (this.#text.length > MAX_REPLY_LENGTH) this.#end(new Error('the server does not stop talking'));
    this.#wake();
  };

  readonly #close = (): void => {
    this.#end(new Error('the server closed the connection'));
  };

  readonly #end = (error: Error): void => {
    this.#failure ??= error;
    this.#wake();
  };

  #nextReply(): SmtpReply | undefined {
    const last = LAST_LINE.exec(this.#text);
    if (!last) {
      if (/^(?!\d{3}-)[^\n]*\n/m.test(this.#text)) throw new Error('the server does not speak SMTP');
      return undefined;
    }
    const end = last.index + last[0].length;
    const lines = this.#text.slice(0, end).split(/\r?\n/).slice(0, -1);
    this.#text = this.#text.slice(end);
    const [first = '', ...others] = lines;
    return { code: Number(last[0].slice(0, 3)), lines: [first.slice(4), ...others.map((line) => line.slice(4))] };
  }
}

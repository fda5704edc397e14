/**
 * One connection to an IMAP server, by imapflow, with a bound on all that the server says and on the time it takes.
 *
 * imapflow bounds silence alone, so a server that trickles could hold it for ever: here each command has its time, and so have all
 * together. Nothing goes over the wire in clear, unless that was chosen, and no extension is used that is not needed.
 */
import { rootCertificates } from 'node:tls';
import { ImapFlow } from 'imapflow';
import type { ImapFlowOptions } from 'imapflow';
import { VERSION } from '#support/version.ts';
import { withinDeadline } from '#support/within-deadline.ts';
import { withinBytes } from './answer-bound.ts';
import { ImapTrouble, imapTroubleOf } from './imap-trouble.ts';
import type { ImapLocation } from './parse-imap-url.ts';

export interface ImapSessionOptions {
  readonly location: ImapLocation;
  readonly password: string;
  /** Authorities in PEM, trusted in addition to those that Node brings. */
  readonly ca?: string | undefined;
  /** False for an `imap://` that stays in clear. */
  readonly usesTls: boolean;
  /** How long the server may take for one answer, and for letting us in. */
  readonly timeoutMs: number;
  /** How long all may take together. */
  readonly deadlineMs: number;
}

/** A whole mail, from a server that gives no parts of one, and what stands around it. */
const MAX_LITERAL_BYTES = 11_534_336;
/** Of each line, and of all that answers one command. */
const MAX_ANSWER_BYTES = 16_777_216;
const MAX_TOKENS = 100_000;
/** Before the next address is tried. */
const ADDRESS_PATIENCE_MS = 2_000;
const NEVER_MS = 2_147_483_647;
const GOODBYE_MS = 2_000;

export interface ImapAsking {
  /**
   * Waits for what the server answers, and rejects with ImapTrouble; false is a refusal. `refused` says what that means. After anything but a
   * refusal the session is over.
   */
  ask<T>(refused: string, command: (client: ImapFlow) => Promise<T>): Promise<Exclude<T, false>>;
}

export class ImapSession {
  readonly #options: ImapSessionOptions;
  readonly #client: ImapFlow;
  /** What the connection died of. */
  #lost: Error | undefined;
  /** Of the last command, which imapflow tells nobody but its log. */
  #refused: unknown;

  constructor(options: ImapSessionOptions) {
    this.#options = options;
    const noteError = (entry: { readonly err?: unknown }): void => {
      this.#refused = entry.err ?? this.#refused;
    };
    const logger = { debug: ignore, info: ignore, warn: noteError, error: noteError, isLevelEnabled: () => false };
    this.#client = new ImapFlow({ ...clientOptions(options), logger });
    this.#client.on('error', (error: Error) => (this.#lost ??= error));
  }

  /** By the clock that only goes forward. The first that it is asked for is to connect. */
  until(endMs: number): ImapAsking {
    return { ask: (refused, command) => this.#ask(command, { refused, endMs }) };
  }

  /** Says goodbye where the server still listens. */
  async close(): Promise<void> {
    const client = this.#client;
    if (client.usable)
      await withinDeadline({ deadlineMs: GOODBYE_MS, why: 'the server does not say goodbye' }, async (signal) => {
        signal.addEventListener('abort', () => {
          client.close();
        });
        await client.logout().catch(ignore);
      });
    client.close();
  }

  async #ask<T>(
    command: (client: ImapFlow) => Promise<T>,
    { refused, endMs }: { readonly refused: string; readonly endMs: number },
  ): Promise<Exclude<T, false>> {
    const deadlineMs = Math.max(Math.min(this.#options.timeoutMs, endMs - performance.now()), 0);
    this.#refused = undefined;
    const answer = await withinDeadline({ deadlineMs, why: 'the time is over' }, async (signal) => {
      signal.addEventListener('abort', () => {
        this.#client.close();
      });
      const value = await withinBytes(this.#client, MAX_ANSWER_BYTES, () => this.#answerTo(refused, command));
      return { value, isCut: signal.aborted }; // imapflow may say then that it is refused
    });
    if (answer === undefined || answer.isCut) throw overdue(this.#options, endMs);
    if (answer.value === false) throw imapTroubleOf(this.#refused ?? new Error('it does not say why'), refused);
    return answer.value as Exclude<T, false>;
  }

  async #answerTo<T>(refused: string, command: (client: ImapFlow) => Promise<T>): Promise<T> {
    try {
      return await command(this.#client);
    } catch (error) {
      throw error instanceof ImapTrouble ? error : imapTroubleOf(error, refused, this.#lost);
    }
  }
}

function overdue(options: ImapSessionOptions, endMs: number): ImapTrouble {
  if (performance.now() >= endMs) return overdueAsAWhole(options);
  return new ImapTrouble('mailbox-unavailable', `no answer within ${seconds(options.timeoutMs)} (read.imap_timeout)`);
}

/** When the time of the mailbox is over. */
export function overdueAsAWhole({ deadlineMs }: Pick<ImapSessionOptions, 'deadlineMs'>): ImapTrouble {
  const why = `it takes longer than ${seconds(deadlineMs)} as a whole (read.imap_deadline)`;
  return new ImapTrouble('mailbox-unavailable', why);
}

function clientOptions({ location, password, ca, usesTls }: ImapSessionOptions): ImapFlowOptions {
  const { scheme, user, host, port } = location;
  const isTlsAtOnce = scheme === 'imaps';
  return {
    host,
    port: port ?? (isTlsAtOnce ? 993 : 143),
    secure: isTlsAtOnce,
    ...(isTlsAtOnce ? {} : { doSTARTTLS: usesTls }),
    auth: { user, pass: password },
    tls: {
      rejectUnauthorized: true, // whatever NODE_TLS_REJECT_UNAUTHORIZED says
      ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
      ...{ autoSelectFamilyAttemptTimeout: ADDRESS_PATIENCE_MS },
    },
    clientInfo: { name: 'tlsrpt', version: VERSION, vendor: false, 'support-url': false },
    disableCompression: true,
    disableAutoEnable: true,
    disableAutoIdle: true,
    disableIMAP4rev2: true,
    idHashAlgorithm: 'sha256',
    connectionTimeout: NEVER_MS,
    greetingTimeout: NEVER_MS,
    socketTimeout: NEVER_MS,
    maxLineLength: MAX_ANSWER_BYTES,
    maxLiteralSize: MAX_LITERAL_BYTES,
    maxResponseSize: MAX_ANSWER_BYTES,
    maxResponseTokens: MAX_TOKENS,
  };
}

function seconds(timeMs: number): string {
  return `${String(timeMs / 1_000)} s`;
}

function ignore(): void {
  // nobody needs to know
}

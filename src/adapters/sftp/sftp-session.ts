/**
 * One SFTP connection, from the first packet to the last: host key checked, logged in by key, time-outs set, and ended in any case.
 *
 * A server that falls silent is given up: while it logs us in, and later between any two answers.
 */
import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { homedir } from 'node:os';
import SftpClient from 'ssh2-sftp-client';
import type { SFTPWrapper } from 'ssh2';
import { errnoOf, messageOf } from '#support/problem.ts';
import { loadHostKeyCheck } from './host-key-check.ts';
import type { HostKeyCheck } from './host-key-check.ts';
import { loadLoginKeys } from './login-keys.ts';
import type { LoginKeys } from './login-keys.ts';
import type { SftpLocation } from './parse-sftp-url.ts';
import { refused, unreachable } from './sftp-options.ts';
import type { SftpFailure, SftpOptions } from './sftp-options.ts';
import { resolveSshHost } from './ssh-host.ts';
import type { SshHost } from './ssh-host.ts';

export interface SftpSession {
  readonly kind: 'session';
  /** The answer to one request; rejects when the connection ends first. */
  request<T>(send: (sftp: SFTPWrapper, done: (error: Error | undefined, answer?: T) => void) => void): Promise<T>;
  /** True once the connection has ended: no request will be answered any more. */
  isLost(): boolean;
  /** Why the connection ended, or what `error` says. */
  whyLost(error: unknown): string;
  close(): Promise<void>;
}

const DEFAULT_READY_TIMEOUT_MS = 20_000;
const DEFAULT_SILENCE_TIMEOUT_MS = 60_000;
const KEEPALIVE_INTERVAL_MS = 10_000;
/** How long a server may take to answer our goodbye. */
const GOODBYE_MS = 2_000;

export async function openSftpSession(
  location: SftpLocation,
  options: SftpOptions,
): Promise<SftpSession | SftpFailure> {
  const home = options.home ?? homedir();
  const host = resolveSshHost(location, { ...options, home });
  if (host.kind !== 'host') return host;
  const hostKeys = loadHostKeyCheck(host, host.knownHostsFiles);
  if ('kind' in hostKeys) return hostKeys;
  const agentSocket = options.agentSocket ?? process.env['SSH_AUTH_SOCK'] ?? '';
  const { identityFile } = options;
  const keys = loadLoginKeys(host.user, { identityFile, candidates: host.identityFiles, agentSocket });
  if (keys.kind !== 'keys') return keys;
  return new Connection(host, options).logIn(hostKeys, keys);
}

class Connection {
  readonly #host: SshHost;
  readonly #readyTimeoutMs: number;
  readonly #socket: Socket;
  readonly #client: SftpClient;
  readonly #silence: NodeJS.Timeout;
  /** Rejects when the connection has ended. */
  readonly #ended: Promise<never>;
  /** The first one says what happened; the others follow from it. */
  #firstError: unknown;

  constructor(host: SshHost, { readyTimeoutMs, silenceTimeoutMs, signal }: SftpOptions) {
    this.#host = host;
    this.#readyTimeoutMs = readyTimeoutMs ?? DEFAULT_READY_TIMEOUT_MS;
    this.#client = new SftpClient('tlsrpt', { error: ignore, end: ignore, close: ignore });
    this.#client.on('error', (error: unknown) => (this.#firstError ??= error));
    this.#socket = createConnection({ host: host.host, port: host.port, noDelay: true });
    this.#ended = new Promise((_, reject) =>
      this.#socket.once('close', () => {
        reject(new Error('the connection ended'));
      }),
    );
    this.#ended.catch(ignore);
    const silenceMs = silenceTimeoutMs ?? DEFAULT_SILENCE_TIMEOUT_MS;
    this.#silence = setTimeout(() => {
      this.#giveUp(`the server was silent for ${String(silenceMs / 1_000)} s`);
    }, silenceMs);
    this.#endWith(signal);
  }

  #endWith(signal: AbortSignal | undefined): void {
    const end = (): void => {
      this.#giveUp(messageOf(signal?.reason));
    };
    signal?.addEventListener('abort', end);
    this.#socket.once('close', () => signal?.removeEventListener('abort', end));
    if (signal?.aborted === true) end();
  }

  #giveUp(why: string): void {
    this.#firstError ??= new Error(why);
    this.#socket.destroy();
  }

  async logIn(hostKeys: HostKeyCheck, keys: LoginKeys): Promise<SftpSession | SftpFailure> {
    try {
      const sftp = await Promise.race([this.#connect(hostKeys, keys), this.#ended]);
      return this.#session(sftp);
    } catch (error) {
      await this.#close();
      return hostKeys.rejection() ?? this.#failureOf(this.#firstError ?? error, keys);
    }
  }

  #connect(hostKeys: HostKeyCheck, keys: LoginKeys): Promise<SFTPWrapper> {
    return this.#client.connect({
      sock: this.#socket,
      username: this.#host.user,
      authHandler: [...keys.methods],
      algorithms: { serverHostKey: [...hostKeys.algorithms] },
      hostVerifier: (key: Buffer) => hostKeys.accepts(key),
      readyTimeout: this.#readyTimeoutMs,
      keepaliveInterval: KEEPALIVE_INTERVAL_MS,
    });
  }

  #session(sftp: SFTPWrapper): SftpSession {
    return {
      kind: 'session',
      request: (send) => {
        this.#silence.refresh();
        const answer = promised((done: Parameters<typeof send>[1]) => {
          send(sftp, done);
        });
        return Promise.race([answer, this.#ended]);
      },
      isLost: () => this.#socket.destroyed,
      whyLost: (error) => textOf(this.#firstError ?? error),
      close: () => this.#close(),
    };
  }

  #failureOf(error: unknown, { described }: LoginKeys): SftpFailure {
    const { user, host } = this.#host;
    const why = textOf(error);
    switch (levelOf(error) ?? '') {
      case 'client-authentication':
        return refused(
          `it does not let ${user} in with ${described}`,
          `Add the public key to ~/.ssh/authorized_keys of ${user} on ${host}, or name another key with --identity.`,
        );
      case 'agent':
        return refused(`the SSH agent failed: ${why}`, 'Check SSH_AUTH_SOCK, or name a key with --identity.');
      case 'handshake':
        return refused(
          `no secure connection can be agreed on: ${why}`,
          `Check which algorithms the SSH server on ${host} offers.`,
        );
      default:
        return /subsystem/i.test(why)
          ? refused(`it offers no SFTP: ${why}`, `Enable "Subsystem sftp internal-sftp" in the sshd_config of ${host}.`)
          : unreachable(why);
    }
  }

  /** Says goodbye, and does not wait for ever for the answer. */
  async #close(): Promise<void> {
    clearTimeout(this.#silence);
    if (this.#socket.destroyed) return;
    const goodbye = setTimeout(() => this.#socket.destroy(), GOODBYE_MS);
    this.#client.end().catch(ignore);
    this.#socket.end();
    await this.#ended.catch(ignore);
    clearTimeout(goodbye);
  }
}

function promised<T>(call: (done: (error: Error | undefined, answer?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, answer) => {
      if (error) reject(error);
      else resolve(answer as T);
    });
  });
}

/** The step in which ssh2 failed. */
function levelOf(error: unknown): string | undefined {
  return error instanceof Error && 'level' in error && typeof error.level === 'string' ? error.level : undefined;
}

/** An attempt at several addresses fails with a code and no message. */
function textOf(error: unknown): string {
  return messageOf(error) || (errnoOf(error) ?? 'the connection failed');
}

function ignore(): void {
  // Its reason is known, or no longer matters.
}

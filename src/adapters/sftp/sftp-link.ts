/**
 * The way to another host, over as many connections as it takes: one that breaks is made again, a bounded number of times.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { SftpLocation } from './parse-sftp-url.ts';
import type { SftpFailure, SftpOptions } from './sftp-options.ts';
import { openSftpSession } from './sftp-session.ts';
import type { SftpSession } from './sftp-session.ts';

const MAX_RECONNECTS = 4;
const DEFAULT_RECONNECT_DELAY_MS = 500;

export class SftpLink {
  readonly kind = 'link';
  readonly #location: SftpLocation;
  readonly #options: SftpOptions;
  #session: SftpSession;
  #reconnects = 0;

  private constructor(location: SftpLocation, options: SftpOptions, session: SftpSession) {
    this.#location = location;
    this.#options = options;
    this.#session = session;
  }

  static async open(location: SftpLocation, options: SftpOptions): Promise<SftpLink | SftpFailure> {
    const session = await openSftpSession(location, options);
    return session.kind === 'session' ? new SftpLink(location, options, session) : session;
  }

  get session(): SftpSession {
    return this.#session;
  }

  /** False when the connection is not what failed, or cannot be had again; the last one then says why. */
  async reconnect(): Promise<boolean> {
    while (this.#session.isLost() && this.#reconnects < MAX_RECONNECTS && this.#options.signal?.aborted !== true) {
      await pause((this.#options.reconnectDelayMs ?? DEFAULT_RECONNECT_DELAY_MS) * 2 ** this.#reconnects);
      this.#reconnects += 1;
      const session = await openSftpSession(this.#location, this.#options);
      if (session.kind === 'refused') return false;
      if (session.kind === 'unreachable') continue;
      this.#session = session;
      return true;
    }
    return false;
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}

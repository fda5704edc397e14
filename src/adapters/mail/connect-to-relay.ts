/**
 * Opens connections to the mail server that takes our mails, at whichever address of its name answers first.
 *
 * nodemailer would ask DNS before the system, also for localhost and for what stands in /etc/hosts, and write what it thinks of the answer to
 * standard error.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { messageOf } from '#support/problem.ts';

export interface Relay {
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** How long to try, over all addresses. */
  readonly timeoutMs: number;
}

/** There was no connection, so nothing is known of any recipient. */
export class RelayUnreachable extends Error {
  constructor({ host, port }: Relay, why: string) {
    super(`our mail server ${host.includes(':') ? `[${host}]` : host}:${String(port)} cannot be reached: ${why}`);
    this.name = 'RelayUnreachable';
  }
}

/** Before the next address is tried; the 250 ms that Node waits is short for a distant server. */
const ADDRESS_PATIENCE_MS = 2_000;

/** Rejects with RelayUnreachable. */
export function connectToRelay(relay: Relay): Promise<Socket> {
  const { host, port, timeoutMs } = relay;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, autoSelectFamilyAttemptTimeout: ADDRESS_PATIENCE_MS });
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new RelayUnreachable(relay, messageOf(error)));
    };
    const timer = setTimeout(fail, timeoutMs, new Error('no answer in time (ETIMEDOUT)'));
    socket.on('error', fail);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

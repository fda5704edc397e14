/**
 * Whether something takes connections where sessions are posted. Nothing is said on the connection.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { errnoOf } from '#support/problem.ts';
import type { ListenAddress } from './listen-on.ts';

export type ConnectionTrial =
  | { readonly kind: 'taken' }
  /** Nothing was heard: something on the way lets nothing through. */
  | { readonly kind: 'silent'; readonly waitedMs: number }
  /** `why`: the name of the errno. */
  | { readonly kind: 'failed'; readonly why: string };

export async function tryConnection(address: ListenAddress, deadlineMs: number): Promise<ConnectionTrial> {
  const signal = AbortSignal.timeout(deadlineMs);
  const socket = connect(address);
  try {
    await once(socket, 'connect', { signal });
    return { kind: 'taken' };
  } catch (error) {
    return signal.aborted
      ? { kind: 'silent', waitedMs: deadlineMs }
      : { kind: 'failed', why: errnoOf(error) ?? 'an unknown error' };
  } finally {
    socket.on('error', () => undefined).destroy();
  }
}

/**
 * What the threads that serve HTTP do alike: they say that they listen, or why not, and stop and finish when they are told to.
 */
import { Problem } from '#support/problem.ts';
import type { ProblemCode } from '#support/problem-code.ts';

export type FailedToListen = { readonly kind: 'failed'; readonly code: ProblemCode; readonly message: string };

/** To be answered by `stopped` and `finished`. */
export type ToEnd = { readonly kind: 'stop' } | { readonly kind: 'finish' };

export type Ended = { readonly kind: 'stopped' } | { readonly kind: 'finished' };

export interface EndingServer {
  /** Resolves once nothing more will be handed over. */
  stop(): Promise<void>;
  /** Once what was taken is answered. */
  finish(): Promise<void>;
}

/** `listening`: what is said once `listen` has ended well. */
export async function sayListening<T, Listening>(
  listen: () => Promise<T>,
  listening: (at: T) => Listening,
  send: (message: Listening | FailedToListen) => void,
): Promise<void> {
  try {
    send(listening(await listen()));
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    send({ kind: 'failed', code: error.code, message: error.message });
  }
}

export async function endAsTold({ kind }: ToEnd, server: EndingServer, send: (message: Ended) => void): Promise<void> {
  if (kind === 'stop') {
    await server.stop();
    send({ kind: 'stopped' });
  } else {
    await server.finish();
    send({ kind: 'finished' });
  }
}

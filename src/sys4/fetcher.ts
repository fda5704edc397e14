/**
 * The port through which fetch asks a program that speaks sys4's fetcher protocol.
 *
 * `ask` runs it once with the words added and resolves for everything the program can do, within the time it was given: what it printed
 * when it ended well, else why not. It never gives more than `maxBytes`. It may be called while earlier calls are under way.
 */
import type { CopyFailure } from '#pipeline/fetch/state-source.ts';

export type FetcherAnswer = { readonly kind: 'answered'; readonly text: string } | CopyFailure;

export interface FetcherBounds {
  readonly maxBytes: number;
  /** The program is killed once it aborts. */
  readonly signal: AbortSignal | undefined;
}

export interface Fetcher {
  /** As for a state source. */
  readonly name: string;
  ask(words: readonly string[], bounds: FetcherBounds): Promise<FetcherAnswer>;
}

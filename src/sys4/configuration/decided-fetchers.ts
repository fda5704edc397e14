/**
 * What the operator has said of a fetcher: whether it reads the collector that moves here, or another one.
 *
 * Commands are compared word by word, as sys4's reporter splits them or as a shell does. One with a password in it may be named as it is
 * shown, without.
 */
import { commandWords } from '#support/command-words.ts';
import { wordsOf } from './fetcher-command.ts';
import { withoutCredentials } from './hide-credentials.ts';

export interface FetcherDecision {
  readonly reads: 'own' | 'other';
  /** As it was typed. */
  readonly command: string;
}

/** For people, without what is secret in it. */
export function shownFetcher(words: readonly string[]): string {
  return withoutCredentials(words.join(' '));
}

export function isAbout({ command }: FetcherDecision, words: readonly string[]): boolean {
  const readings = [wordsOf(command), commandWords(command) ?? []];
  const meant = [words, wordsOf(shownFetcher(words))];
  return readings.some((reading) => meant.some((those) => JSON.stringify(reading) === JSON.stringify(those)));
}

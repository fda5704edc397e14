/**
 * Splits a command into its words as a shell does it, for commands that are run without one.
 */
import { parse, quote } from 'shell-quote';

/** Undefined where a shell would do more than split: variables, patterns, pipes and the like. */
export function commandWords(text: string): string[] | undefined {
  const parts = parse(text, (variable) => ({ variable }));
  const words = parts.filter((part) => typeof part === 'string');
  return words.length === parts.length ? words : undefined;
}

const PLAIN_WORD = /^[\w@%+=:,./-]+$/;

/** As one would type them, in quotes only where it must be. */
export function asWritten(words: readonly string[]): string {
  return words.map((word) => (PLAIN_WORD.test(word) ? word : quote([word]))).join(' ');
}

/** As one would write them into a file, where `commandWords` finds the same words again. */
export function inQuotes(words: readonly string[]): string {
  return words.map((word) => (PLAIN_WORD.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`)).join(' ');
}

/**
 * Splits a command into its words as a shell does it, for commands that are run without one.
 */
import { quote } from 'shell-quote';

/** A part of a word: in quotes of either kind, one character behind a backslash, or what means nothing but itself. */
const PART = /'([^']*)'|"((?:[^"\\$`]|\\[^])*)"|\\([^\n])|([^ \t\n'"\\$`|&;<>()*?]+)/y;
/** Between double quotes a backslash before anything else is one (POSIX, Shell Command Language 2.2.3). */
const ESCAPED = /\\([$`"\\])/g;

/** Undefined where a shell would do more than split, as with variables, patterns and pipes, or would not have it, as with a quote that is left open. */
export function commandWords(text: string): string[] | undefined {
  const words: string[] = [];
  for (let at = afterBlanks(text, 0); at < text.length;) {
    const word = wordAt(text, at);
    if (!word) return undefined;
    words.push(word.word);
    at = afterBlanks(text, word.end);
  }
  return words;
}

/** What is run; undefined where that cannot be said. */
export function firstWord(text: string): string | undefined {
  return wordAt(text, afterBlanks(text, 0))?.word;
}

function afterBlanks(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t') at += 1;
  return at;
}

function wordAt(text: string, start: number): { readonly word: string; readonly end: number } | undefined {
  if (text[start] === '#') return undefined; // a comment
  let [word, at] = ['', start];
  while (at < text.length && !/[ \t]/.test(text[at] ?? '')) {
    PART.lastIndex = at;
    const part = PART.exec(text);
    if (!part) return undefined;
    const [all, single, double, escaped, plain] = part;
    word += single ?? double?.replace(ESCAPED, '$1') ?? escaped ?? plain ?? '';
    at += all.length;
  }
  return { word, end: at };
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

/**
 * What the system says when a process, or the machine, has as many files open as it may, and what helps.
 */
import { errnoOf, messageOf } from './problem.ts';

/** A sentence. */
export const LET_IT_OPEN_MORE = 'Let it open more files: LimitNOFILE= in its unit, or ulimit -n.';

/** What loads libraries gives no code, but the words of the C library, in English as long as nobody sets a locale. */
const IN_WORDS = /Too many open files/;

export function isFileLimit(error: unknown): boolean {
  return ['EMFILE', 'ENFILE'].includes(errnoOf(error) ?? '') || IN_WORDS.test(messageOf(error));
}

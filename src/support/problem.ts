/**
 * An expected failure that nothing below the command line can do anything about: a locked file, a full disk, a bad setting.
 *
 * Thrown, so that the stage ends there; the command line shows it and turns its code into an exit status. What a stage can react
 * to (a refused delivery, an unreadable datagram) is a value instead.
 */
import type { ProblemCode } from './problem-code.ts';

export interface ProblemOptions extends ErrorOptions {
  readonly details?: readonly string[];
}

export class Problem extends Error {
  readonly code: ProblemCode;
  /** What goes with the message, each to be shown on a line of its own, such as further mistakes. */
  readonly details: readonly string[];

  /** `message` says what happened, to what, and what to do. */
  constructor(code: ProblemCode, message: string, { details = [], ...options }: ProblemOptions = {}) {
    super(message, options);
    this.name = 'Problem';
    this.code = code;
    this.details = details;
  }
}

/** What is wrong with one entry of a file alone: whoever works on many tells it, and goes on with the others. */
export class ProblemOfOne extends Problem {}

/** The code of a system call's failure (`ENOSPC`), or undefined for any other error, those of Node.js itself (`ERR_...`) among them. */
export function errnoOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && !code.startsWith('ERR_') ? code : undefined;
}

/** Of an error that has nothing to say and stands for several, such as those of all addresses of a host: what they say. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.message !== '' || !(error instanceof AggregateError)) return error.message;
  return [...new Set((error.errors as unknown[]).map(messageOf))].join(', ');
}

/**
 * What the program tells its operator: typed values, turned into text only where they are written.
 *
 * Each has a stable name, which docs/operating.md explains. `facts` are for machines and may hold foreign text; whoever writes an
 * event escapes it.
 */
import type { Problem } from '#support/problem.ts';

export const levels = ['debug', 'info', 'warning', 'error'] as const;

export type Level = (typeof levels)[number];

export type Facts = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface LogEvent {
  /** Noun and past verb: `report-delivered`. */
  readonly name: string;
  readonly level: Level;
  /** One sentence for people. */
  readonly message: string;
  /** What goes with it, each on a line of its own. */
  readonly details?: readonly string[];
  readonly facts: Facts;
}

export type Log = (event: LogEvent) => void;

export function event(level: Level, name: string, message: string, facts: Facts = {}): LogEvent {
  return { level, name, message, facts };
}

/** What ends a command, or work on one of many. */
export function problemEvent({ code, message, details }: Problem): LogEvent {
  return { ...event('error', code, message), details };
}

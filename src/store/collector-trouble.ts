/**
 * What keeps the collector from writing, as its lock tells it to whoever asks for the status.
 */
import type { ProblemCode } from '#support/problem-code.ts';
import { isStoreProblemCode } from './store-problem.ts';

export interface CollectorTrouble {
  readonly code: ProblemCode;
  /** When it began, by the clock. */
  readonly sinceMs: number;
}

const NOTE = /^([a-z-]+) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)$/;

/** The note of a lock; empty when nothing is wrong. */
export function formatTrouble(trouble: CollectorTrouble | undefined): string {
  return trouble ? `${trouble.code} ${new Date(trouble.sinceMs).toISOString()}` : '';
}

/** Undefined for what names no problem of the store. */
export function parseTrouble(note: string): CollectorTrouble | undefined {
  const [, code = '', since = ''] = NOTE.exec(note) ?? [];
  const sinceMs = Date.parse(since);
  return isStoreProblemCode(code) && !Number.isNaN(sinceMs) ? { code, sinceMs } : undefined;
}

/**
 * What tells whether two reporters have the same sessions of a day: a digest of how many there are of each host. A host counts them and takes none back, so
 * it is the same for the same sessions, on whichever machine they are.
 */
import { shortDigest } from '#support/short-digest.ts';
import { DaySessions } from './day-sessions.ts';
import type { DayOptions } from './day-sessions.ts';

const MARK_LENGTH = 32;

/** Undefined when there are none here. Says nothing of what cannot be read: whoever builds the reports does. */
export function contentMark({ store, day }: Pick<DayOptions, 'day' | 'store'>): string | undefined {
  const sessions = DaySessions.open({ store, day, partial: false, log: () => undefined });
  try {
    const counts = [...sessions.sessionsByOrigin()].filter(([, count]) => count > 0);
    const inOrder = counts.sort(([a], [b]) => (a < b ? -1 : 1));
    return counts.length === 0 ? undefined : shortDigest(JSON.stringify(inOrder), MARK_LENGTH);
  } finally {
    sessions.close();
  }
}

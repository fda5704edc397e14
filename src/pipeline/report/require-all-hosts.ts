/**
 * Holds the reports about a day back while the sessions of other hosts are still expected.
 *
 * A source counts as expected when it is configured, or was asked for that day and may be there. It is waited for until it has answered, until it is let go
 * (`--without-missing`), or until the grace period after the day's end is over; then the log says who was left out. What arrives later is
 * treated as any later sessions are.
 * Problems: hosts-missing, hosts-left-out.
 */
import type { Log } from '#events/event.ts';
import { hostsLeftOut } from '#events/report-events.ts';
import type { Store } from '#store/store.ts';
import { Problem } from '#support/problem.ts';
import { endOfDayMs } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface RequiredHosts {
  readonly store: Store;
  readonly day: UtcDay;
  /** The names of the configured sources. */
  readonly sources: readonly string[];
  readonly nowMs: number;
  /** Counted from the end of the day. */
  readonly waitMs: number;
  readonly withoutMissing: boolean;
  /** What there is so far of their day counts. */
  readonly partial: boolean;
  readonly log: Log;
}

export function requireAllHosts(options: RequiredHosts): void {
  const { store, day, sources, nowMs, waitMs, withoutMissing, partial, log } = options;
  const missing = store.fetched.missingSources({ day, nowMs }, sources);
  if (missing.length === 0) return;
  const waitsUntilMs = endOfDayMs(day) + waitMs;
  if (!withoutMissing && nowMs < waitsUntilMs) throw hostsMissing(day, missing, waitsUntilMs);
  const leftOut = partial ? missing.filter((source) => !store.fetched.isPartlyHere(source, day)) : missing;
  if (leftOut.length > 0) log(hostsLeftOut(day, leftOut));
}

function hostsMissing(day: UtcDay, missing: readonly string[], untilMs: number): Problem {
  return new Problem(
    'hosts-missing',
    `No report about ${day} yet: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing. ` +
      `Run tlsrpt fetch again, or report with --without-missing; after ${new Date(untilMs).toISOString()} it goes on without them.`,
  );
}

/**
 * Keeps reports that are shared apart from those of the same day that this host has built on its own: the one side knows nothing of the other, so each
 * domain would get two.
 *
 * Problems: day-reported-alone.
 */
import { Problem } from '#support/problem.ts';
import type { Store } from '#store/store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

/** `store`: as it is for reports that are not shared. */
export function requireNotReportedAlone({
  store,
  day,
}: {
  readonly store: Pick<Store, 'outboxes'>;
  readonly day: UtcDay;
}): void {
  if ((store.outboxes.sums(day, 0)?.reports ?? 0) === 0) return;
  throw new Problem(
    'day-reported-alone',
    `This host has reports about ${day} that it built without --shared, so it adds none to those that are shared. What came later goes out by tlsrpt report --day ${day} --deliver.`,
  );
}

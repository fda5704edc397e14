/**
 * What reporters share of the days, for people and in JSON.
 */
import type { SharedDayStatus } from '#pipeline/share/read-shared-days.ts';
import { withoutControls } from '#support/without-controls.ts';
import { formatTable } from './table.ts';

export function sharedText(days: readonly SharedDayStatus[]): string {
  if (days.length === 0) return 'Nothing has been shared yet.\n';
  const rows = days.map(({ day, buckets, reports, deliveries }) => {
    const { queued, deferred, delivered, bounced, refused, expired, suppressed } = deliveries;
    const counts = [reports, delivered, queued + deferred, bounced + refused + expired, suppressed];
    return [day, ...[...counts, buckets.done, buckets.held, buckets.left, buckets.untouched].map(String)];
  });
  const names = ['reports', 'delivered', 'waiting', 'failed', 'suppressed', 'done', 'held', 'left', 'untouched'];
  const remarks = days.flatMap((day) => [...heldLines(day), ...dueLines(day)]);
  const table = formatTable([['day', ...names], ...rows]);
  return remarks.length === 0 ? table : `${table}\n${remarks.map((line) => `${line}\n`).join('')}`;
}

function heldLines({ day, reporters }: SharedDayStatus): string[] {
  return reporters.map(({ host, buckets, heardMs }) =>
    withoutControls(`${day} ${host} has ${String(buckets)} buckets, and was last heard of at ${timeOf(heardMs)}`),
  );
}

function dueLines({ day, nextAttemptMs }: SharedDayStatus): string[] {
  return nextAttemptMs === undefined ? [] : [`${day} what waits is due from ${timeOf(nextAttemptMs)} on`];
}

/** In docs/json.md. */
export function sharedJson(cluster: string, days: readonly SharedDayStatus[]): object {
  return {
    cluster,
    days: days.map(({ day, buckets, reporters, reports, deliveries, nextAttemptMs }) => ({
      day,
      buckets,
      reporters: reporters.map(({ host, buckets: held, heardMs }) => ({ host, buckets: held, heard: timeOf(heardMs) })),
      reports,
      counts: deliveries,
      nextAttempt: nextAttemptMs === undefined ? null : timeOf(nextAttemptMs),
    })),
  };
}

/** A clock elsewhere may say anything. */
function timeOf(timeMs: number): string {
  const time = new Date(timeMs);
  return Number.isNaN(time.getTime()) ? 'a time that is none' : time.toISOString();
}

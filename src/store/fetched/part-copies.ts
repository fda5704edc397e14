/**
 * Copies of a day of which their source gave a part: it had no answer about some domains. Such a copy says so itself, by a counter, so that its
 * source is asked once more, and so that it is known as a part of the whole that comes by another way.
 */
import { haveAllOf, servesAllOf } from '../sessions/day-difference.ts';
import { contentCountersIn } from '../sessions/piece-counters.ts';
import { SessionDayReader } from '../sessions/session-day.ts';
import { isInPart } from '../sessions/unanswered-domains.ts';
import type { StoreContext } from '../store-context.ts';
import { unlessRefused } from '../store-problem.ts';

/** Whether the day at `stem` is there, and a part. */
export function isPart(context: StoreContext, stem: string): boolean {
  return withDays(context, [stem], ([day]) => day !== undefined && isInPart(day.counters()));
}

/** Whether the day at `part` is one, and what the host whose day is at `whole` has given of that in another way. */
export function isPartOf(context: StoreContext, { part, whole }: { part: string; whole: string }): boolean {
  const isOfHost = ([day, copy]: readonly (SessionDayReader | undefined)[]): boolean =>
    day !== undefined && copy !== undefined && mayHaveGiven(day, copy);
  return isPart(context, part) && withDays(context, [whole, part], isOfHost);
}

/** Of a collector before it, a host has more once it has moved in what that saw. Without that, its domains are as they were. */
function mayHaveGiven(day: SessionDayReader, copy: SessionDayReader): boolean {
  const hasMoved = contentCountersIn(day.counters().keys()).length > 0;
  return hasMoved ? haveAllOf([day], copy) : servesAllOf(day, copy);
}

/** Whether the day at `stem` has all that the other one has. */
export function hasAllOf(context: StoreContext, stem: string, other: string): boolean {
  return withDays(
    context,
    [stem, other],
    ([day, beside]) => day !== undefined && beside !== undefined && haveAllOf([day], beside),
  );
}

/** False for what cannot be read. */
function withDays(
  context: StoreContext,
  stems: readonly string[],
  use: (days: readonly (SessionDayReader | undefined)[]) => boolean,
): boolean {
  const opened: (SessionDayReader | undefined)[] = [];
  const answer = unlessRefused(() => {
    for (const stem of stems) opened.push(SessionDayReader.open(context, stem));
    return use(opened);
  });
  for (const day of opened) day?.close();
  return answer === true;
}

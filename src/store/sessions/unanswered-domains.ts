/**
 * By which counter a day that was copied from a program says that the program had no answer about some of its domains.
 */
const UNANSWERED = 'domains-unanswered';

/** How many there were; nothing where there were none. */
export function unansweredCounter(domains: number): [name: string, value: number][] {
  return domains === 0 ? [] : [[UNANSWERED, domains]];
}

/** Whether the day with these counters is a part of what its source has. */
export function isInPart(counters: ReadonlyMap<string, number>): boolean {
  return (counters.get(UNANSWERED) ?? 0) > 0;
}

/**
 * What some readers of a day have beyond others, domain by domain: so of a large day little is in memory.
 */
import { mergeOrdered } from '#support/merge-ordered.ts';
import { servedTally } from '#tlsrpt/served-tally.ts';
import { mergePolicyTallies } from '#tlsrpt/tally.ts';
import { tallyDifference } from '#tlsrpt/tally-difference.ts';
import type { DomainTally, PolicyTally } from '#tlsrpt/tally.ts';
import type { SessionDayReader } from './session-day.ts';

/** The sum of each side counts. */
export interface TwoSides {
  readonly now: readonly SessionDayReader[];
  readonly before: readonly SessionDayReader[];
}

/** Of one domain and record. */
export interface DifferentTally extends Pick<DomainTally, 'domain' | 'record'> {
  readonly now: readonly PolicyTally[];
  readonly before: readonly PolicyTally[];
  /** Undefined where there was more before. */
  readonly difference: readonly PolicyTally[] | undefined;
}

interface Sided {
  readonly isNow: boolean;
  readonly tally: DomainTally;
}

/** In the order of the domains. */
export function* dayDifference({ now, before }: TwoSides): Generator<DifferentTally> {
  const streams = [...now.map((reader) => sided(reader, true)), ...before.map((reader) => sided(reader, false))];
  for (const { key: domain, values } of mergeOrdered(streams, ({ tally }) => tally.domain)) {
    for (const record of recordsIn(values)) {
      const same = values.filter(({ tally }) => tally.record === record);
      const sides = { now: policiesOf(same, true), before: policiesOf(same, false) };
      yield { domain, record, ...sides, difference: tallyDifference(sides.now, sides.before) };
    }
  }
}

/** Of all sessions together. */
export interface Comparison {
  /** Now, and before. */
  readonly there: number;
  readonly here: number;
  /** Of some policy there are fewer now. */
  readonly isFewer: boolean;
  /** Of some policy there are more now. */
  readonly isMore: boolean;
}

export function compareSides(sides: TwoSides): Comparison {
  let [there, here, isFewer, isMore] = [0, 0, false, false];
  for (const { now, before, difference } of dayDifference(sides)) {
    there += sessionsOf(now);
    here += sessionsOf(before);
    isFewer ||= difference === undefined;
    isMore ||= difference !== undefined && difference.length > 0;
  }
  return { there, here, isFewer, isMore };
}

/** What is to be added to what was before, to have all that is now. */
export function* moreThanBefore(sides: TwoSides): Generator<DomainTally> {
  for (const { domain, record, difference = [] } of dayDifference(sides))
    if (difference.length > 0) yield { domain, record, policies: difference };
}

/** Whether one of the two has all that the other has. */
export function areNested(one: SessionDayReader, other: SessionDayReader): boolean {
  return haveAllOf([one], other) || haveAllOf([other], one);
}

export function haveAllOf(readers: readonly SessionDayReader[], other: SessionDayReader): boolean {
  for (const { difference } of dayDifference({ now: readers, before: [other] }))
    if (difference === undefined) return false;
  return true;
}

/** Whether `fetch --serve` gives of each domain in the other one just what that has of it. */
export function servesAllOf(reader: SessionDayReader, other: SessionDayReader): boolean {
  for (const { domain, record, now, before } of dayDifference({ now: [reader], before: [other] })) {
    const served = servedTally({ domain, record, policies: now })?.policies;
    if (before.length > 0 && JSON.stringify(served) !== JSON.stringify(mergePolicyTallies(before))) return false;
  }
  return true;
}

function sessionsOf(policies: readonly PolicyTally[]): number {
  return policies.reduce((sum, { successful, failed }) => sum + successful + failed, 0);
}

function* sided(reader: SessionDayReader, isNow: boolean): Generator<Sided> {
  for (const tally of reader.domainTallies()) yield { isNow, tally };
}

/** Each once, in the order in which a reader has them. */
function recordsIn(values: readonly Sided[]): (string | undefined)[] {
  const records = new Set(values.map(({ tally }) => tally.record));
  return [...records].sort((a = '', b = '') => (a < b ? -1 : 1));
}

function policiesOf(values: readonly Sided[], isNow: boolean): PolicyTally[] {
  return values.filter((value) => value.isNow === isNow).flatMap(({ tally }) => tally.policies);
}

/**
 * Whether a failure that others report is news: new, grown, or gone.
 *
 * - New: it was never told of, or it is gone, or was not reported for two weeks, and is reported again.
 * - Grown: a reporter saw three times as many sessions with it as it had when it was told of last, at least ten, and twice the share of all. A
 *   reporter of a sender that had not seen it by then is compared with all senders that had but the one that saw most, as a single one may have
 *   made its numbers up: the second sender is news with ten sessions.
 * - Gone: reporters that had seen it reported on the domain on three later days, and nobody reported it. All of those that had it in its last
 *   week have come again, or had a week for that. That nobody reports at all says nothing.
 *
 * What is noted of a failure is the worst of what there is, so the same reports are never news twice, nor are late ones about days before it was gone.
 */
import type { FailureLevel, KnownFailure } from '#store/notices.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { keyOfReporter } from './reported-failures.ts';
import type { FailureName, ReportedFailure, ReportedFailures } from './reported-failures.ts';
import { senderOf } from './sender-share.ts';

/** What was reported about earlier days is no news. */
export const DAYS_LOOKED_AT = 14;
const TIMES_THE_SESSIONS = 3;
const TIMES_THE_SHARE = 2;
const FEWEST_SESSIONS = 10;
const CLEAN_DAYS = 3;
const DAYS_FOR_THE_OTHERS = 7;
const MOST_LEVELS = 20;
/** A sender may sign for any number of reporters. */
const MOST_LEVELS_OF_SENDER = 3;

export interface FailureChange extends FailureName {
  readonly change: 'new' | 'grown' | 'gone';
  readonly firstDay: UtcDay;
  readonly lastDay: UtcDay;
  /** The worst day of each reporter, the worst first; of one that is gone as it was told of last. */
  readonly levels: readonly [FailureLevel, ...FailureLevel[]];
  /** What it has grown from. */
  readonly before?: FailureLevel | undefined;
}

export interface FailureNews {
  readonly change?: FailureChange | undefined;
  /** What is known from now on. */
  readonly known: KnownFailure | undefined;
}

export interface Surroundings {
  readonly today: UtcDay;
  readonly reported: Pick<ReportedFailures, 'daysOf'>;
}

/** `seen` has what is reported about the days that are looked at, `known` what was noted; one of them is there. */
export function judgeFailure(
  seen: ReportedFailure | undefined,
  known: KnownFailure | undefined,
  surroundings: Surroundings,
): FailureNews {
  const believed = known && known.lastDay <= daysBefore(surroundings.today, -1) ? known : undefined; // else a clock was wrong
  const since = believed?.goneDay ?? '';
  const levels = seen?.levels.filter(({ day }) => day > since) ?? [];
  const days = levels.map(({ day }) => day).sort();
  if (believed && lasts(believed, days)) return judgeLasting(believed, levels, surroundings);
  const [worst, ...others] = worstOfEach(levels);
  return seen && worst ? newFailure(seen, [worst, ...others], days) : { known };
}

function lasts({ goneDay, lastDay }: KnownFailure, [first]: readonly UtcDay[]): boolean {
  return goneDay === undefined && (first === undefined || first <= daysBefore(lastDay, -DAYS_LOOKED_AT));
}

type Levels = FailureChange['levels'];

function newFailure(name: FailureName, levels: Levels, days: readonly UtcDay[]): FailureNews {
  const [{ day }] = levels;
  const { policyDomain, policyType, resultType, isVerified } = name;
  const seen = { firstDay: days[0] ?? day, lastDay: days.at(-1) ?? day, levels: kept(levels) };
  const known = { policyDomain, policyType, resultType, isVerified, ...seen };
  return { known, change: { ...known, change: 'new', levels } };
}

function judgeLasting(known: KnownFailure, levels: readonly FailureLevel[], surroundings: Surroundings): FailureNews {
  const lastDay = levels.reduce((last, { day }) => (day > last ? day : last), known.lastDay);
  const growth = judgeGrowth({ ...known, lastDay }, worstOfEach(levels));
  const goesOn = lastDay > known.lastDay;
  return growth.change || goesOn ? growth : judgeEnd(growth.known ?? known, levels, surroundings);
}

/** Who sees it for the first time is noted as it sees it; of the others what was told of stays. */
function judgeGrowth(known: KnownFailure, levels: readonly FailureLevel[]): FailureNews {
  const byReporter = new Map(known.levels.map((level) => [keyOfReporter(level), level]));
  const beforeOf = (level: FailureLevel): FailureLevel | undefined => byReporter.get(keyOfReporter(level));
  const [grown, ...more] = levels.filter((level) => {
    const before = beforeOf(level);
    const isWorse = (each: FailureLevel): boolean => isMarkedlyWorse(level, each);
    return level.sessions >= FEWEST_SESSIONS && (before ? [before] : comparedWith(level, known.levels)).every(isWorse);
  });
  const worse = grown ? [grown, ...more] : [];
  const newcomers = levels.filter((level) => !beforeOf(level) && !worse.includes(level));
  const unchanged = known.levels.filter((level) => !worse.some((each) => isSameReporter(each, level)));
  const now = { ...known, levels: kept([...worse, ...unchanged, ...newcomers]) };
  if (!grown) return { known: now };
  const before = beforeOf(grown) ?? worstOfEach(comparedWith(grown, known.levels))[0];
  return { known: now, change: { ...now, change: 'grown', levels: [grown, ...more], before } };
}

/** For a reporter that is not known. */
function comparedWith(newcomer: FailureLevel, known: readonly FailureLevel[]): readonly FailureLevel[] {
  const ofSender = (sender: string): FailureLevel[] => known.filter((level) => senderOf(level) === sender);
  const own = ofSender(senderOf(newcomer));
  if (own.length > 0) return own;
  const [worst] = worstOfEach(known);
  return known.filter(
    (level) => worst && senderOf(level) !== senderOf(worst) && level.sessions >= FEWEST_SESSIONS, // fewer were never told of by themselves
  );
}

function judgeEnd(known: KnownFailure, seen: readonly FailureLevel[], { today, reported }: Surroundings): FailureNews {
  const { lastDay, levels, policyDomain } = known;
  const cleanDaysOf = (reporter: FailureLevel): UtcDay[] =>
    reported.daysOf(reporter, policyDomain).filter((day) => day > lastDay);
  const cleanDays = [...new Set(levels.flatMap(cleanDaysOf))].sort();
  const awaited = seen.filter(({ day }) => day > daysBefore(lastDay, DAYS_FOR_THE_OTHERS));
  const haveAllCome = awaited.every((level) => cleanDaysOf(level).length > 0);
  const isOver = haveAllCome || lastDay < daysBefore(today, DAYS_FOR_THE_OTHERS);
  const [first, ...others] = levels;
  if (cleanDays.length < CLEAN_DAYS || !isOver || !first) return { known };
  return {
    known: { ...known, goneDay: cleanDays.at(-1) },
    change: { ...known, change: 'gone', levels: [first, ...others] },
  };
}

function isMarkedlyWorse(now: FailureLevel, before: FailureLevel): boolean {
  const { sessions } = now;
  return (
    sessions >= FEWEST_SESSIONS &&
    sessions >= TIMES_THE_SESSIONS * before.sessions &&
    shareOf(now) >= TIMES_THE_SHARE * shareOf(before)
  );
}

/** A session may have several failures, so there may be more of these than sessions. */
function shareOf({ sessions, total }: FailureLevel): number {
  return sessions / Math.max(sessions, total);
}

function isSameReporter(one: FailureLevel, other: FailureLevel): boolean {
  return keyOfReporter(one) === keyOfReporter(other);
}

/** The worst first. */
function worstOfEach(levels: readonly FailureLevel[]): FailureLevel[] {
  const worst = new Map<string, FailureLevel>();
  for (const level of levels) {
    const known = worst.get(keyOfReporter(level));
    if (!known || level.sessions > known.sessions) worst.set(keyOfReporter(level), level);
  }
  return [...worst.values()].sort((a, b) => b.sessions - a.sessions);
}

/** The worst, of no sender so many that others have no place: what is left out is less than what it will be compared with, so it is never news. */
function kept(levels: readonly FailureLevel[]): FailureLevel[] {
  const counts = new Map<string, number>();
  const sorted = [...levels].sort((a, b) => b.sessions - a.sessions);
  const ofSenders = sorted.filter((level) => {
    const count = (counts.get(senderOf(level)) ?? 0) + 1;
    counts.set(senderOf(level), count);
    return level.verifiedDomain === undefined || count <= MOST_LEVELS_OF_SENDER;
  });
  return ofSenders.slice(0, MOST_LEVELS);
}

/**
 * Puts a notice into the book of what others reported about a week, once its reports are here.
 *
 * Each week is summed up once, whatever the clock does: which ones were is noted. A week about which nobody reports, and in which nobody fell
 * silent, is none that anybody asks after: the clock is wrong, or nothing is read.
 * Problems, told to `note`: those of days that cannot be read. Thrown: those of the book.
 */
import type { Notice, NoticeBook } from '#store/notices.ts';
import type { Store } from '#store/store.ts';
import type { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { listInbound } from './list-inbound.ts';
import { latestWeek, sumWeek } from './sum-week.ts';
import type { WeekSums } from './sum-week.ts';

/** More than a year of them. */
const MOST_WEEKS = 60;

export interface WeekOptions {
  readonly store: Pick<Store, 'inbound' | 'sessions' | 'fetched' | 'notices'>;
  readonly today: UtcDay;
  readonly verifiedOnly: boolean;
  /** By which the notice is to be told. */
  readonly ways: readonly string[];
  readonly noticeOf: (sums: WeekSums) => Notice;
  readonly note: (problem: Problem) => void;
}

export async function noteWeek({ store, today, verifiedOnly, ways, noticeOf, note }: WeekOptions): Promise<void> {
  const week = latestWeek(today);
  if (isSummedUp(store.notices.read(), week)) return;
  const sums = sumWeek(listInbound(store, { since: week, today, domains: [] }, note), week);
  const policies = sums.policies.filter(({ isVerified }) => isVerified || !verifiedOnly);
  if (policies.length === 0 && sums.silent.length === 0) return;
  const pending = { notice: noticeOf({ ...sums, policies }), ways: ways.map((way) => ({ way, begun: 0 })) };
  await store.notices.changeInTurn((book) => {
    if (isSummedUp(book, week)) return undefined;
    const weeks = [...(book.weeks ?? []), week].slice(-MOST_WEEKS);
    return { ...book, weeks, pending: [...book.pending, pending] };
  });
}

function isSummedUp({ weeks = [] }: NoticeBook, week: UtcDay): boolean {
  return weeks.includes(week);
}

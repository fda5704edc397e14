/**
 * Finds out what is new about the failures that others reported, from the reports that read has stored, and puts a notice of it into the book of
 * notices, where the stage that tells it finds it.
 *
 * A second run finds nothing new. A day has room for some notices, and for a few of what only strangers say, so that nobody floods the operator; what
 * has no room is news on the next day still.
 * Problems, told to `note`: those of days that cannot be read. Thrown: those of the book.
 */
import type { KnownFailure, Notice, NoticeBook, Notices } from '#store/notices.ts';
import type { InboundDays } from '#store/inbound/inbound-days.ts';
import { containProblem } from '#support/contain-problem.ts';
import type { Problem } from '#support/problem.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { DAYS_LOOKED_AT, judgeFailure } from './judge-failure.ts';
import type { FailureChange, FailureNews } from './judge-failure.ts';
import { keyOfFailure, ReportedFailures } from './reported-failures.ts';
import type { FailureName, ReportedFailure } from './reported-failures.ts';

const MOST_NOTICES_OF_A_DAY = { verified: 12, unverified: 3 };
/** Of each kind; more are made up by strangers. */
const MOST_KNOWN = { verified: 1_000, unverified: 300 };

export interface NotingOptions {
  readonly store: { readonly inbound: Pick<InboundDays, 'days' | 'entries'>; readonly notices: Notices };
  readonly today: UtcDay;
  /** Reports of others are not looked at. */
  readonly verifiedOnly: boolean;
  /** By which a notice is to be told. */
  readonly ways: readonly string[];
  readonly noticeOf: (changes: readonly [FailureChange, ...FailureChange[]]) => Notice;
  /** How many changes wait for another day. */
  readonly heldBack: (changes: number) => void;
  readonly note: (problem: Problem) => void;
}

export async function noteFailures(options: NotingOptions): Promise<void> {
  const reported = reportedLately(options);
  await options.store.notices.changeInTurn((book) => changedBook(book, reported, options));
}

function reportedLately({ store, today, verifiedOnly, note }: NotingOptions): ReportedFailures {
  const [from, to] = [daysBefore(today, DAYS_LOOKED_AT), daysBefore(today, -1)];
  const reported = new ReportedFailures();
  for (const day of store.inbound.days().filter((each) => each >= from && each <= to))
    containProblem(() => {
      for (const entry of store.inbound.entries(day, note))
        if (!verifiedOnly || entry.verification.result === 'pass') reported.add(day, entry);
    }, note);
  return reported;
}

type Changed = FailureNews & { readonly change: FailureChange };

/** Undefined where nothing changes. */
function changedBook(book: NoticeBook, reported: ReportedFailures, options: NotingOptions): NoticeBook | undefined {
  const { today, noticeOf, ways, heldBack } = options;
  const news = judgeAll(book, reported, options);
  const changed = news.filter((each): each is Judged & Changed => each.change !== undefined);
  const made = book.made?.day === today ? book.made : { day: today, verified: 0, unverified: 0 };
  const budget = changed.some(({ change }) => change.isVerified) ? 'verified' : 'unverified';
  const hasRoom = made[budget] < MOST_NOTICES_OF_A_DAY[budget];
  if (changed.length > 0 && !hasRoom) heldBack(changed.length);
  const failures = boundedFailures(news.map((each) => (each.change && !hasRoom ? each.before : each.known)));
  const [first, ...others] = hasRoom ? inOrder(changed.map(({ change }) => change)) : [];
  if (!first) return isSame(failures, book.failures) ? undefined : { ...book, failures };
  const pending = { notice: noticeOf([first, ...others]), ways: ways.map((way) => ({ way, begun: 0 })) };
  return {
    ...book,
    failures,
    made: { ...made, [budget]: made[budget] + 1 },
    pending: [...book.pending, pending],
  };
}

interface Judged extends FailureNews {
  readonly before: KnownFailure | undefined;
}

/** What strangers say of a failure that somebody who is verified reports as well is nothing more. */
function judgeAll({ failures }: NoticeBook, reported: ReportedFailures, { today }: NotingOptions): Judged[] {
  const known = new Map(failures.map((failure) => [keyOfFailure(failure), failure]));
  const seen = new Map(reported.failures().map((failure) => [keyOfFailure(failure), failure]));
  const first = withRoom(
    [...seen.values()].filter((each) => !known.has(keyOfFailure(each))),
    failures,
    today,
  );
  const all = [...known.keys(), ...first.map(keyOfFailure)].map((key) => {
    const before = known.get(key);
    return { before, ...judgeFailure(seen.get(key), before, { today, reported }) };
  });
  const isLasting = ({ known: now }: Judged): boolean => now?.isVerified === true && now.goneDay === undefined;
  const verified = new Set(all.filter(isLasting).map(({ known: now }) => now && keyOfFailure(now)));
  return all.filter(
    ({ known: now }) => !now || now.isVerified || !verified.has(keyOfFailure({ ...now, isVerified: true })),
  );
}

/** Of failures that are seen for the first time, those that can be noted beside what goes on: any other would be new each time. */
function withRoom(
  first: readonly ReportedFailure[],
  known: readonly KnownFailure[],
  today: UtcDay,
): readonly ReportedFailure[] {
  const lasting = known.filter(({ lastDay }) => lastDay >= daysBefore(today, DAYS_LOOKED_AT));
  const roomFor = (kind: keyof typeof MOST_KNOWN): ReportedFailure[] => {
    const isOfKind = ({ isVerified }: FailureName): boolean => isVerified === (kind === 'verified');
    return first.filter(isOfKind).slice(0, Math.max(0, MOST_KNOWN[kind] - lasting.filter(isOfKind).length));
  };
  return [...roomFor('verified'), ...roomFor('unverified')];
}

/** Those that were seen last. */
function boundedFailures(failures: readonly (KnownFailure | undefined)[]): KnownFailure[] {
  const all = failures.filter((failure) => failure !== undefined);
  all.sort((a, b) => b.lastDay.localeCompare(a.lastDay));
  const [verified, others] = [all.filter(({ isVerified }) => isVerified), all.filter(({ isVerified }) => !isVerified)];
  return [...verified.slice(0, MOST_KNOWN.verified), ...others.slice(0, MOST_KNOWN.unverified)];
}

const ORDER = ['new', 'grown', 'gone'];

/** What comes from somebody first, then by what became of it, the worst first. */
function inOrder(changes: readonly FailureChange[]): FailureChange[] {
  return [...changes].sort(
    (a, b) =>
      Number(b.isVerified) - Number(a.isVerified) ||
      ORDER.indexOf(a.change) - ORDER.indexOf(b.change) ||
      b.levels[0].sessions - a.levels[0].sessions,
  );
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

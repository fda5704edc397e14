/**
 * Finds out what is new about the failures that others reported, from the reports that read has stored, and puts a notice of it into the book of
 * notices, where the stage that tells it finds it.
 *
 * A second run finds nothing new. A day has room for some notices, and for a few of what only strangers say, so that nobody floods the operator; what
 * has no room is news on the next day still. The book has room for a number of failures of each sender, so that none of them fills it; the caller
 * hears of what finds none.
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
import type { ReportedFailure } from './reported-failures.ts';
import { inTurns, senderOf, SenderShares } from './sender-share.ts';

const MOST_NOTICES_OF_A_DAY = { verified: 12, unverified: 3 };
/** Of each kind, and of one sender; more are made up. */
const MOST_KNOWN = { verified: { total: 1_000, each: 100 }, unverified: { total: 300, each: 300 } };

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
  /** How many failures are not looked at, as their senders report too many. */
  readonly leftOut: (failures: number) => void;
  readonly note: (problem: Problem) => void;
}

export async function noteFailures(options: NotingOptions): Promise<void> {
  const reported = reportedLately(options);
  await options.store.notices.changeInTurn((book) => changedBook(book, reported, options));
}

function reportedLately({ store, today, verifiedOnly, note }: NotingOptions): ReportedFailures {
  const [from, to] = [daysBefore(today, DAYS_LOOKED_AT), daysBefore(today, -1)];
  const reported = new ReportedFailures();
  const days = store.inbound.days().filter((each) => each >= from && each <= to);
  for (const day of [...days].sort().reverse())
    // where there is no room for all of them, the latest say most
    containProblem(() => {
      for (const entry of store.inbound.entries(day, note))
        if (!verifiedOnly || entry.verification.result === 'pass') reported.add(day, entry);
    }, note);
  return reported;
}

type Changed = FailureNews & { readonly change: FailureChange };

/** Undefined where nothing changes. */
function changedBook(book: NoticeBook, reported: ReportedFailures, options: NotingOptions): NoticeBook | undefined {
  const { today, noticeOf, ways, heldBack, leftOut } = options;
  const { news, withoutRoom } = judgeAll(book, reported, options);
  if (withoutRoom + reported.leftOut > 0) leftOut(withoutRoom + reported.leftOut);
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

interface AllJudged {
  readonly news: readonly Judged[];
  /** How many failures are seen for the first time, and cannot be noted. */
  readonly withoutRoom: number;
}

/** What strangers say of a failure that somebody who is verified reports as well is nothing more. */
function judgeAll({ failures }: NoticeBook, reported: ReportedFailures, { today }: NotingOptions): AllJudged {
  const known = new Map(failures.map((failure) => [keyOfFailure(failure), failure]));
  const seen = new Map(reported.failures().map((failure) => [keyOfFailure(failure), failure]));
  const unknown = [...seen.values()].filter((each) => !known.has(keyOfFailure(each)));
  const first = withRoom(unknown, failures, today);
  const all = [...known.keys(), ...first.map(keyOfFailure)].map((key) => {
    const before = known.get(key);
    return { before, ...judgeFailure(seen.get(key), before, { today, reported }) };
  });
  const isLasting = ({ known: now }: Judged): boolean => now?.isVerified === true && now.goneDay === undefined;
  const verified = new Set(all.filter(isLasting).map(({ known: now }) => now && keyOfFailure(now)));
  const news = all.filter(
    ({ known: now }) => !now || now.isVerified || !verified.has(keyOfFailure({ ...now, isVerified: true })),
  );
  return { news, withoutRoom: unknown.length - first.length };
}

/** Of failures that are seen for the first time, those that can be noted beside what goes on: any other would be new each time. */
function withRoom(
  first: readonly ReportedFailure[],
  known: readonly KnownFailure[],
  today: UtcDay,
): readonly ReportedFailure[] {
  const room = { verified: new SenderShares(MOST_KNOWN.verified), unverified: new SenderShares(MOST_KNOWN.unverified) };
  const roomFor = ({ isVerified }: KnownFailure | ReportedFailure): SenderShares =>
    room[isVerified ? 'verified' : 'unverified'];
  for (const failure of known)
    if (failure.lastDay >= daysBefore(today, DAYS_LOOKED_AT)) roomFor(failure).take(sendersOf(failure)[0] ?? '');
  return inTurns(first, (failure) => sendersOf(failure)[0] ?? '').filter((failure) => {
    const sender = sendersOf(failure).find((each) => roomFor(failure).hasRoom(each));
    if (sender !== undefined) roomFor(failure).take(sender);
    return sender !== undefined;
  });
}

function sendersOf({ levels }: KnownFailure | ReportedFailure): string[] {
  return levels.map(senderOf);
}

/** Those that were seen last. */
function boundedFailures(failures: readonly (KnownFailure | undefined)[]): KnownFailure[] {
  const all = failures.filter((failure) => failure !== undefined);
  all.sort((a, b) => b.lastDay.localeCompare(a.lastDay));
  const [verified, others] = [all.filter(({ isVerified }) => isVerified), all.filter(({ isVerified }) => !isVerified)];
  return [...verified.slice(0, MOST_KNOWN.verified.total), ...others.slice(0, MOST_KNOWN.unverified.total)];
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

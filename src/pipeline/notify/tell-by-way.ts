/**
 * Tells one notice by one way, and settles in a book what is to be told by which.
 *
 * Told, then noted: a crash in between tells a notice once more, and no more than once, since that it is begun is noted before. What is stopped in
 * order counts as begun only where it may have been told. What waits for a way that is not configured any more goes to the ways that are, but for
 * those that told it.
 * Problems: those of the book.
 */
import { noticeCutOff, noticeDropped, noticeGivenUp, noticeNotTold, noticeTold } from '#events/notice-events.ts';
import type { Log } from '#events/event.ts';
import type { NoticeQueue, PendingNotice } from '#store/notices.ts';
import type { NoticeWay } from './notice-way.ts';

/** As often as it may have been told without anybody noting it. */
const MOST_BEGUN = 2;
/** More wait for a way that has been broken for long. */
const MOST_PENDING = 20;

export interface Pending {
  readonly pending: readonly PendingNotice[];
}

export interface Telling {
  readonly notice: PendingNotice['notice'];
  readonly way: NoticeWay;
}

export interface TellingTo<Book extends Pending> {
  readonly notices: NoticeQueue<Book>;
  readonly log: Log;
  /** Aborts when what is under way is to end. */
  readonly ending: AbortSignal;
}

/** The oldest that is to be told by one of these ways. */
export function nextOf({ pending }: Pending, ways: readonly NoticeWay[]): Telling | undefined {
  for (const { notice, ways: open } of pending)
    for (const way of ways) if (open.some(({ way: name }) => name === way.name)) return { notice, way };
  return undefined;
}

/** False when it could not be told now. */
export async function tellByWay<Book extends Pending>(
  { notice, way }: Telling,
  { notices, log, ending }: TellingTo<Book>,
): Promise<boolean> {
  let begunTimes = 0;
  const begin = (begun: number): number => (begunTimes = begun + 1);
  await notices.changeInTurn((book) => withBegun(book, notice.id, way.name, begin));
  const outcome = await way.tell(notice, ending);
  if (outcome.kind === 'told') {
    await notices.changeInTurn((book) => withoutWay(book, notice.id, way.name));
    log(noticeTold(notice.subject, way.name, outcome.reply));
    return true;
  }
  if (outcome.kind === 'cut-off') {
    log(noticeCutOff(notice.subject, way.name, { why: outcome.why, isLast: begunTimes >= MOST_BEGUN }));
    return false;
  }
  await notices.changeInTurn((book) => withBegun(book, notice.id, way.name, () => 0));
  log(noticeNotTold(notice.subject, way.name, outcome.why));
  return false;
}

/** What was begun often enough with nobody noting the end, and what is too much to keep. */
export async function settleLeftOver<Book extends Pending>(
  names: readonly string[],
  { notices, log }: Pick<TellingTo<Book>, 'notices' | 'log'>,
): Promise<void> {
  await notices.changeInTurn((book) => {
    let settled = rerouted(book, names);
    for (const { notice, ways } of settled.pending)
      for (const { way } of ways.filter(({ begun }) => begun >= MOST_BEGUN)) {
        log(noticeGivenUp(notice.subject, way));
        settled = withoutWay(settled, notice.id, way);
      }
    for (const { notice } of settled.pending.slice(0, -MOST_PENDING)) log(noticeDropped(notice.subject));
    return { ...settled, pending: settled.pending.slice(-MOST_PENDING) };
  });
}

/** With nothing left for ways of other names than these: they were renamed or mended, and whoever reads the ways of now is to hear of it. */
export function rerouted<Book extends Pending>(book: Book, names: readonly string[]): Book {
  const pending = book.pending.map((each): PendingNotice => {
    const open = each.ways.filter(({ way }) => names.includes(way));
    if (open.length === each.ways.length) return each;
    const told = [...(each.told ?? []), ...open.map(({ way }) => way)];
    const others = names.filter((name) => !told.includes(name)).map((way) => ({ way, begun: 0 }));
    return { ...each, ways: [...open, ...others] };
  });
  return { ...book, pending: pending.filter(({ ways }) => ways.length > 0) };
}

function withoutWay<Book extends Pending>(book: Book, id: string, name: string): Book {
  const pending = book.pending.map((each) =>
    each.notice.id === id
      ? { ...each, ways: each.ways.filter(({ way }) => way !== name), told: [...(each.told ?? []), name] }
      : each,
  );
  return { ...book, pending: pending.filter(({ ways }) => ways.length > 0) };
}

function withBegun<Book extends Pending>(book: Book, id: string, name: string, count: (begun: number) => number): Book {
  const counted = (open: PendingNotice['ways'][number]): PendingNotice['ways'][number] =>
    open.way === name ? { way: name, begun: count(open.begun) } : open;
  const pending = book.pending.map((each) =>
    each.notice.id === id ? { ...each, ways: each.ways.map(counted) } : each,
  );
  return { ...book, pending };
}

/**
 * Tells the notices that are in the book, each by each of its ways, the oldest first.
 *
 * One process tells at a time; what another one adds meanwhile is told by the one that is at it. A way that fails is left for the next run, with all
 * that is still to be told by it. Told, then noted: a crash in between tells a notice once more, and no more than once, since that it is begun is
 * noted before. A run that is stopped in order begins nothing more; what it has under way counts as begun only where it may have been told. What waits for a way that is not configured any more goes to the ways that are, but for those that told it.
 * Problems: those of the book.
 */
import { noticeCutOff, noticeDropped, noticeGivenUp, noticeNotTold, noticeTold } from '#events/notice-events.ts';
import type { Log } from '#events/event.ts';
import type { NoticeBook, Notices, PendingNotice } from '#store/notices.ts';
import type { NoticeWay } from './notice-way.ts';

/** As often as it may have been told without anybody noting it. */
const MOST_BEGUN = 2;
/** More wait for a way that has been broken for long. */
const MOST_PENDING = 20;

export interface TellingOptions {
  readonly notices: Notices;
  readonly ways: readonly NoticeWay[];
  readonly log: Log;
  readonly stop: NoticeStop;
}

export interface NoticeStop {
  /** Aborts when nothing more is to be begun. */
  readonly stopping: AbortSignal;
  /** Aborts when what is under way is to end; not before the other. */
  readonly ending: AbortSignal;
}

/** How many notices still wait for one of the ways. */
export async function tellNotices({ notices, ways, log, stop }: TellingOptions): Promise<number> {
  const { stopping, ending } = stop;
  const failed = new Set<string>();
  const usable = (): NoticeWay[] => (stopping.aborted ? [] : ways.filter(({ name }) => !failed.has(name)));
  const names = ways.map(({ name }) => name);
  const next = (): Telling | undefined => nextOf(notices.read(), usable());
  while (nextOf(rerouted(notices.read(), names), usable())) {
    const lock = notices.lockTelling();
    if (!lock) break;
    try {
      await settleLeftOver(names, notices, log);
      await tellAll(next, failed, { notices, log, ending });
    } finally {
      lock.release();
    }
  }
  return failed.size === 0 && !stopping.aborted ? 0 : notices.read().pending.length;
}

type Around = Pick<TellingOptions, 'notices' | 'log'> & Pick<NoticeStop, 'ending'>;

async function tellAll(next: () => Telling | undefined, failed: Set<string>, around: Around): Promise<void> {
  for (let telling = next(); telling; telling = next())
    if (!(await tell(telling, around))) failed.add(telling.way.name);
}

interface Telling {
  readonly notice: PendingNotice['notice'];
  readonly way: NoticeWay;
}

function nextOf({ pending }: NoticeBook, ways: readonly NoticeWay[]): Telling | undefined {
  for (const { notice, ways: open } of pending)
    for (const way of ways) if (open.some(({ way: name }) => name === way.name)) return { notice, way };
  return undefined;
}

/** False when it could not be told now. */
async function tell({ notice, way }: Telling, { notices, log, ending }: Around): Promise<boolean> {
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
async function settleLeftOver(names: readonly string[], notices: Notices, log: Log): Promise<void> {
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
function rerouted(book: NoticeBook, names: readonly string[]): NoticeBook {
  const pending = book.pending.map((each): PendingNotice => {
    const open = each.ways.filter(({ way }) => names.includes(way));
    if (open.length === each.ways.length) return each;
    const told = [...(each.told ?? []), ...open.map(({ way }) => way)];
    const others = names.filter((name) => !told.includes(name)).map((way) => ({ way, begun: 0 }));
    return { ...each, ways: [...open, ...others] };
  });
  return { ...book, pending: pending.filter(({ ways }) => ways.length > 0) };
}

function withoutWay(book: NoticeBook, id: string, name: string): NoticeBook {
  const pending = book.pending.map((each) =>
    each.notice.id === id
      ? { ...each, ways: each.ways.filter(({ way }) => way !== name), told: [...(each.told ?? []), name] }
      : each,
  );
  return { ...book, pending: pending.filter(({ ways }) => ways.length > 0) };
}

function withBegun(book: NoticeBook, id: string, name: string, count: (begun: number) => number): NoticeBook {
  const counted = (open: PendingNotice['ways'][number]): PendingNotice['ways'][number] =>
    open.way === name ? { way: name, begun: count(open.begun) } : open;
  const pending = book.pending.map((each) =>
    each.notice.id === id ? { ...each, ways: each.ways.map(counted) } : each,
  );
  return { ...book, pending };
}

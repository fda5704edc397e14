/**
 * Tells the notices that are in the book, each by each of its ways, the oldest first.
 *
 * One process tells at a time; what another one adds meanwhile is told by the one that is at it. A way that fails is left for the next run, with all
 * that is still to be told by it. A run that is stopped in order begins nothing more.
 * Problems: those of the book.
 */
import type { Log } from '#events/event.ts';
import type { Notices } from '#store/notices.ts';
import { nextOf, rerouted, settleLeftOver, tellByWay } from './tell-by-way.ts';
import type { Telling, TellingTo } from './tell-by-way.ts';
import type { NoticeBook } from '#store/notices.ts';
import type { NoticeWay } from './notice-way.ts';

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
      await settleLeftOver(names, { notices, log });
      await tellAll(next, failed, { notices, log, ending });
    } finally {
      lock.release();
    }
  }
  return failed.size === 0 && !stopping.aborted ? 0 : notices.read().pending.length;
}

async function tellAll(
  next: () => Telling | undefined,
  failed: Set<string>,
  around: TellingTo<NoticeBook>,
): Promise<void> {
  for (let telling = next(); telling; telling = next())
    if (!(await tellByWay(telling, around))) failed.add(telling.way.name);
}

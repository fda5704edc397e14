/**
 * Tells the notices of a book as they come, until it is told to stop: each way on its own, so that one that hangs or fails holds up no other.
 *
 * A way that fails is tried again after a while, which grows. The book is this process's alone. A disk that does not take what is noted is tried again
 * as a way is.
 */
import type { Log } from '#events/event.ts';
import { problemEvent } from '#events/event.ts';
import type { SteadyClock } from '#support/clock.ts';
import { Problem } from '#support/problem.ts';
import type { NoticeQueue } from '#store/notices.ts';
import { nextOf, settleLeftOver, tellByWay } from './tell-by-way.ts';
import type { Pending, TellingTo } from './tell-by-way.ts';
import type { NoticeStop } from './tell-notices.ts';
import type { NoticeWay } from './notice-way.ts';

export interface KeepTellingOptions<Book extends Pending> {
  readonly notices: NoticeQueue<Book>;
  readonly ways: readonly NoticeWay[];
  readonly log: Log;
  readonly clock: SteadyClock;
  readonly stop: NoticeStop;
}

const LOOK_MS = 500;
const [SHORTEST_WAIT_MS, LONGEST_WAIT_MS] = [10_000, 600_000];

export async function keepTelling<Book extends Pending>(options: KeepTellingOptions<Book>): Promise<void> {
  const { notices, ways, log, stop } = options;
  const around = { notices, log, ending: stop.ending };
  const names = ways.map(({ name }) => name);
  await contained(log, () => settleLeftOver(names, around));
  await Promise.all([...ways.map((way) => keepTellingBy(way, around, options)), keepSettled(names, options)]);
}

/** What has piled up for a way that is broken for long is too much at some time. */
async function keepSettled<Book extends Pending>(
  names: readonly string[],
  { notices, log, clock, stop }: KeepTellingOptions<Book>,
): Promise<void> {
  const isStopped = (): boolean => stop.stopping.aborted;
  while (!isStopped()) {
    await clock.sleep(LONGEST_WAIT_MS, stop.stopping);
    if (!isStopped()) await contained(log, () => dropMost(names, { notices, log }));
  }
}

const ROOM = 20;

async function dropMost<Book extends Pending>(
  names: readonly string[],
  around: Pick<TellingTo<Book>, 'notices' | 'log'>,
): Promise<void> {
  if (around.notices.read().pending.length > ROOM) await settleLeftOver(names, around);
}

async function keepTellingBy<Book extends Pending>(
  way: NoticeWay,
  around: TellingTo<Book>,
  { clock, log, stop: { stopping } }: KeepTellingOptions<Book>,
): Promise<void> {
  let failures = 0;
  const isStopped = (): boolean => stopping.aborted;
  while (!isStopped()) {
    const telling = nextOf(around.notices.read(), [way]);
    const isWell = !telling || (await contained(log, () => tellByWay(telling, around))) === true;
    failures = isWell ? 0 : failures + 1;
    const waitMs = Math.min(SHORTEST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
    if (!telling || !isWell) await clock.sleep(isWell ? LOOK_MS : waitMs, stopping);
  }
}

/** Undefined where the disk refused. */
async function contained<T>(log: Log, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    log(problemEvent(error));
    return undefined;
  }
}

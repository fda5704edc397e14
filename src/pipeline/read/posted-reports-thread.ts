/**
 * The thread on which posted reports are read and stored: what comes together is one question, and what became of each is its answer.
 *
 * Reports of others that are older than they are kept go before the first that comes on a day.
 */
import { statfsSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { Store } from '#store/store.ts';
import { systemClock } from '#support/clock.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { PostedAnswer, PostedQuestion } from './posted-queue.ts';
import { PostedStore } from './store-posted.ts';

export interface PostedThreadData {
  /** The state directory. */
  readonly path: string;
  readonly keepDays: number;
  readonly keepFreeBytes: number;
  /** As in support/answer-task.ts. */
  readonly sqliteWasm: Uint8Array;
}

type Told = Omit<PostedAnswer, 'outcomes'>;

const LOOK_MS = 500;

const { path, keepDays, keepFreeBytes } = workerData as PostedThreadData;
const opening = Store.open(path);
const problems: PostedAnswer['problems'][number][] = [];
const posted = opening.then(
  ({ inbound }) =>
    new PostedStore({
      inbound,
      keepDays,
      clock: systemClock,
      freeBytes,
      keepFreeBytes,
      note: ({ code, message }) => problems.push({ code, message }),
    }),
);
let tidied: UtcDay | undefined;

parentPort?.on('message', (question: PostedQuestion) => {
  void answerTo(question).then((answer) => parentPort?.postMessage(answer));
});
setInterval(
  () =>
    void posted.then((store) => {
      store.letGoInTime();
    }),
  LOOK_MS,
);

async function answerTo(question: PostedQuestion): Promise<PostedAnswer> {
  const store = await posted;
  if (question.kind === 'end') {
    store.letGo();
    return { outcomes: [], problems: [], removed: [], ageless: [] };
  }
  const told = await withoutOldDays();
  const outcomes = await store.store(question.posted);
  return { ...told, outcomes, problems: problems.splice(0) };
}

async function withoutOldDays(): Promise<Omit<Told, 'problems'>> {
  const today = utcDayOf(systemClock.nowMs());
  const ageless: string[] = [];
  if (tidied === today) return { removed: [], ageless };
  tidied = today;
  const store = await opening;
  const removed = await store.removeOldInbound({ today, countedFrom: today, keepDays }, ({ message }) => {
    ageless.push(message);
  });
  return { removed, ageless };
}

/** Of the disk on which the state directory is, or will be. */
function freeBytes(): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

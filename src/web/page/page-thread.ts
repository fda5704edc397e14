/**
 * The thread on which the state directory is read for pages: one question after the other. What it is asked is in page/state-reader.ts.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Store } from '#store/store.ts';
import { diskListedOnce } from '#support/listed-once.ts';
import { letGo } from '#support/thrift.ts';
import { answerQuestion } from './answer-question.ts';
import type { AnsweringOptions } from './answer-question.ts';
import type { StateQuestion } from './state-reader.ts';

export interface PageThreadData extends Omit<AnsweringOptions, 'store'> {
  /** The state directory. */
  readonly path: string;
  /** As in support/answer-task.ts. */
  readonly sqliteWasm: Uint8Array;
}

/** Of the process, since memory was given back last; what a day of usual size takes is not worth the time. */
const MUCH_MORE_BYTES = 33_554_432;
let leanBytes = process.memoryUsage.rss();

const { path, sources, key } = workerData as PageThreadData;

parentPort?.on('message', (question: StateQuestion) => {
  void Store.open(path, diskListedOnce()).then((store) => {
    parentPort?.postMessage(answerQuestion(question, { store, sources, key }));
    if (question.kind === 'seen') giveBack();
  });
});

function giveBack(): void {
  if (process.memoryUsage.rss() < leanBytes + MUCH_MORE_BYTES) return;
  letGo();
  leanBytes = process.memoryUsage.rss();
}

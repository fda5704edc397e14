/**
 * The thread on which the state directory is read for pages: one question after the other. What it is asked is in page/state-reader.ts.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Store } from '#store/store.ts';
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

/** Of the process; what a day of usual size takes is not worth the time. */
const MUCH_MEMORY_BYTES = 201_326_592;

const { path, sources, key } = workerData as PageThreadData;
const opening = Store.open(path);

parentPort?.on('message', (question: StateQuestion) => {
  void opening.then((store) => {
    parentPort?.postMessage(answerQuestion(question, { store, sources, key }));
    if (question.kind === 'seen' && process.memoryUsage.rss() > MUCH_MEMORY_BYTES) letGo();
  });
});

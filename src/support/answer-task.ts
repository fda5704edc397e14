/**
 * The thread's side of thread-task.ts: what it finds to do, and what it answers.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Problem } from './problem.ts';
import type { ProblemCode } from './problem-code.ts';

/** SQLite comes with the task, so that not every thread's code holds it. */
export interface TaskData {
  readonly task: unknown;
  readonly sqliteWasm: Uint8Array;
}

export type TaskAnswer<Answer> =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'problem'; readonly code: ProblemCode; readonly message: string };

/** A problem is an answer; anything else that `work` throws ends the thread. */
export async function answerTask(work: (task: never) => Promise<unknown>): Promise<void> {
  const { task } = workerData as TaskData;
  parentPort?.postMessage(await answerOf(() => work(task as never)));
}

async function answerOf(work: () => Promise<unknown>): Promise<TaskAnswer<unknown>> {
  try {
    return { kind: 'answer', answer: await work() };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { kind: 'problem', code: error.code, message: error.message };
  }
}

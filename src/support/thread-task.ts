/**
 * Has one task done on a thread of its own: work on foreign bytes, which may take for ever, or all memory. Then the thread ends, and no more.
 *
 * A problem that the task meets is thrown here as it was there. Anything else it throws is a bug.
 */
import type { Worker } from 'node:worker_threads';
import type { TaskAnswer, TaskData } from './answer-task.ts';
import { readSqliteWasm } from './embedded-file.ts';
import { Problem } from './problem.ts';
import { failureOfThread, startThread } from './thread.ts';

export type TaskEnd<Answer> =
  | { readonly kind: 'answered'; readonly answer: Answer }
  /** `why` is a sentence without its full stop. */
  | { readonly kind: 'given-up'; readonly why: string };

const MAX_HEAP_MB = 1_024;

/** `name` is one of `tasks` in scripts/build.mjs. The task is given up when `signal` aborts. */
export function runTask<Answer>(name: string, task: object, signal?: AbortSignal): Promise<TaskEnd<Answer>> {
  const data: TaskData = { task, sqliteWasm: readSqliteWasm() };
  return endOfTask(startThread(name, data, { maxOldGenerationSizeMb: MAX_HEAP_MB }), signal);
}

/** The thread has ended with it. */
export async function endOfTask<Answer>(worker: Worker, signal?: AbortSignal): Promise<TaskEnd<Answer>> {
  try {
    const said = await Promise.race([saidBy<Answer>(worker), abortionOf(signal)]);
    if (said === undefined) return { kind: 'given-up', why: 'reading it takes too long' };
    if (said.kind === 'problem') throw new Problem(said.code, said.message);
    return { kind: 'answered', answer: said.answer };
  } catch (error) {
    if (!isOutOfMemory(error)) throw error;
    return { kind: 'given-up', why: 'reading it takes too much memory' };
  } finally {
    await worker.terminate();
  }
}

export function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

function saidBy<Answer>(worker: Worker): Promise<TaskAnswer<Answer>> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', (error) => {
      reject(failureOfThread(error));
    });
    worker.once('exit', () => {
      reject(new Error('the thread ended without an answer'));
    });
  });
}

/** Never comes without a signal. */
function abortionOf(signal: AbortSignal | undefined): Promise<undefined> {
  return new Promise((resolve) => {
    const end = (): void => {
      resolve(undefined);
    };
    if (signal?.aborted === true) end();
    else signal?.addEventListener('abort', end, { once: true });
  });
}

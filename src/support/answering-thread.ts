/**
 * A thread that answers one question after the other: work on foreign bytes, which may take for ever, or all memory.
 *
 * Then the thread ends, and no more: the next question goes to another one. Questions are asked one at a time. What the thread throws is a bug.
 */
import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { isOutOfMemory } from './thread-task.ts';
import { failureOfThread } from './thread.ts';

export type Answered<Answer> = { readonly kind: 'answered'; readonly answer: Answer } | { readonly kind: 'given-up' };

export class AnsweringThread {
  readonly #start: () => Worker;
  readonly #deadlineMs: number;
  #worker: Worker | undefined;

  /** `deadlineMs` is the time for each answer. */
  constructor(start: () => Worker, deadlineMs: number) {
    this.#start = start;
    this.#deadlineMs = deadlineMs;
  }

  async ask<Answer>(question: unknown): Promise<Answered<Answer>> {
    const worker = (this.#worker ??= this.#start());
    try {
      worker.postMessage(question);
      const answers: unknown[] = await once(worker, 'message', { signal: AbortSignal.timeout(this.#deadlineMs) });
      return { kind: 'answered', answer: answers[0] as Answer };
    } catch (error) {
      await this.close();
      if (isOutOfMemory(error) || isOverdue(error)) return { kind: 'given-up' };
      throw failureOfThread(error);
    }
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}

function isOverdue(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { endOfTask, runTask } from '#support/thread-task.ts';
import { scratchDirectory } from './scratch.ts';

/** A task of the program itself: there is no file at that place. */
function task(): object {
  return { stem: join(scratchDirectory(), 'day'), day: '2026-11-19', sourceName: 'mx1', journal: false };
}

describe('runTask', () => {
  it('gives what the thread answers', async () => {
    expect(await runTask('copied-day', task())).toEqual({
      kind: 'answered',
      answer: { kind: 'damaged', why: 'there is no file' },
    });
  });

  it('gives the task up when nobody waits for it any longer', async () => {
    expect(await runTask('copied-day', task(), AbortSignal.abort())).toEqual({
      kind: 'given-up',
      why: 'reading it takes too long',
    });
  });

  it('gives it up in the middle', async () => {
    const waiting = new AbortController();
    const end = runTask('copied-day', task(), waiting.signal);
    waiting.abort();
    expect(await end).toEqual({ kind: 'given-up', why: 'reading it takes too long' });
  });

  it('gives it up when it takes more memory than it may', async () => {
    const code = 'const held = []; for (;;) held.push(new Array(10_000).fill(held.length))';
    const greedy = new Worker(code, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 16 } });
    expect(await endOfTask(greedy)).toEqual({ kind: 'given-up', why: 'reading it takes too much memory' });
  });

  it('throws what is a bug of the thread', async () => {
    await expect(runTask('sys4-database', {})).rejects.toThrow();
  });
});

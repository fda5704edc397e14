import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { AnsweringThread } from '#support/answering-thread.ts';

const CODE = `
  const { parentPort, threadId } = require('node:worker_threads');
  parentPort.on('message', (question) => {
    if (question === 'hang') for (;;);
    if (question === 'fill') { const all = []; for (;;) all.push(new Array(1000).fill(question + all.length)); }
    if (question === 'fail') throw new Error('a bug');
    parentPort.postMessage([question, threadId]);
  });`;
const open: AnsweringThread[] = [];

function startThread(deadlineMs: number): { readonly thread: AnsweringThread; readonly started: () => number } {
  let count = 0;
  const start = (): Worker => {
    count += 1;
    return new Worker(CODE, { eval: true, resourceLimits: { maxOldGenerationSizeMb: 32 } });
  };
  const thread = new AnsweringThread(start, deadlineMs);
  open.push(thread);
  return { thread, started: () => count };
}

afterEach(async () => {
  for (const thread of open.splice(0)) await thread.close();
});

describe('a thread that answers', () => {
  it('answers one question after the other, and is started when the first is asked', async () => {
    const { thread, started } = startThread(60_000);
    expect(started()).toBe(0);
    const first = await thread.ask<[string, number]>('a');
    const second = await thread.ask<[string, number]>('b');
    expect([first, second].map((answered) => answered.kind === 'answered' && answered.answer[0])).toEqual(['a', 'b']);
    expect(started()).toBe(1);
  });

  it.each([
    ['time', 'hang', 3_000],
    ['memory', 'fill', 60_000],
  ])(
    'is given up when it takes too much %s, and another one is started for what comes next',
    async (_what, question, deadlineMs) => {
      const { thread, started } = startThread(deadlineMs);
      expect(await thread.ask(question)).toEqual({ kind: 'given-up' });
      expect(await thread.ask('a')).toMatchObject({ kind: 'answered', answer: ['a', expect.any(Number)] });
      expect(started()).toBe(2);
    },
  );

  it('throws what the thread throws', async () => {
    await expect(startThread(60_000).thread.ask('fail')).rejects.toThrow('a bug');
  });
});

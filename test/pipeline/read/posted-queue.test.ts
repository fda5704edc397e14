import { beforeEach, describe, expect, it } from 'vitest';
import { PostedQueue } from '#pipeline/read/posted-queue.ts';
import type { PostedNews, PostedQueueOptions, PostedQuestion } from '#pipeline/read/posted-queue.ts';
import type { PostedReport } from '#pipeline/read/posted-report.ts';

/** What the thread does with a report that came from there. */
type Behaviour = 'stored' | 'given-up' | 'throws';

let asked: string[][];
let answers: unknown[][];
let news: PostedNews['kind'][];

beforeEach(() => {
  [asked, answers, news] = [[], [], []];
});

function behave(question: PostedQuestion): ReturnType<PostedQueueOptions['thread']['ask']> {
  const posted = question.kind === 'store' ? question.posted : [];
  asked.push(question.kind === 'store' ? posted.map(({ from }) => from) : ['end']);
  const all = posted.map(({ from }) => from as Behaviour);
  if (all.includes('throws')) return Promise.reject(new TypeError('a bug'));
  if (all.includes('given-up')) return Promise.resolve({ kind: 'given-up' });
  const outcomes = all.map(() => ({ kind: 'stored' as const }));
  return Promise.resolve({ kind: 'answered', answer: { outcomes, problems: [], removed: [], ageless: [] } });
}

function queueWith(ask: PostedQueueOptions['thread']['ask'] = behave): PostedQueue {
  return new PostedQueue({
    thread: { ask, close: () => Promise.resolve() },
    answer: (request, outcome) => answers.push([request, ...Object.values(outcome)]),
    tell: ({ kind }) => news.push(kind),
  });
}

function posted(from: Behaviour, sizeBytes = 1): PostedReport {
  return { from, bytes: Buffer.alloc(sizeBytes), mediaType: '', isPacked: false };
}

describe('Reports that wait to be stored', () => {
  it('go together when they come together, and while others are on their way', async () => {
    let goOn: () => void = () => undefined;
    const queue = queueWith(async (question) => {
      if (asked.length === 0) await new Promise<void>((resolve) => (goOn = resolve));
      return behave(question);
    });
    for (const request of [1, 2]) queue.add(request, posted('stored'));
    await new Promise((resolve) => setImmediate(resolve));
    for (const request of [3, 4, 5]) queue.add(request, posted('stored'));
    goOn();
    await queue.end();
    expect(asked.map(({ length }) => length)).toEqual([2, 3, 1]);
    expect(answers.map(([request]) => request)).toEqual([1, 2, 3, 4, 5]);
  });

  it('go in bounded groups: so many, and so much', async () => {
    const queue = queueWith();
    for (let request = 0; request < 501; request += 1) queue.add(request, posted('stored'));
    for (const request of [501, 502, 503]) queue.add(request, posted('stored', 5_000_000));
    await queue.end();
    expect(asked.map(({ length }) => length)).toEqual([500, 2, 1, 1, 1]);
    expect(answers).toHaveLength(504);
  });

  it('are tried one by one where the thread gives up, and one that it gives up alone is refused', async () => {
    const queue = queueWith();
    for (const [request, from] of (['stored', 'given-up', 'stored'] as const).entries())
      queue.add(request, posted(from));
    await queue.end();
    expect(answers).toEqual([
      [0, 'stored'],
      [1, 'unreadable', 'takes-too-long'],
      [2, 'stored'],
    ]);
  });

  it('cost each other nothing where one leads to a bug, which is told, and it may be posted again', async () => {
    const queue = queueWith();
    for (const [request, from] of (['throws', 'stored'] as const).entries()) queue.add(request, posted(from));
    await queue.end();
    expect(answers).toEqual([
      [0, 'not-stored', 'internal-error'],
      [1, 'stored'],
    ]);
    expect(news).toEqual(['failed', 'answered']);
  });

  it('need no thread where there are none', async () => {
    await queueWith().end();
    expect(asked).toEqual([]);
  });
});

import { expect, it } from 'vitest';
import { NewsTeller } from '#adapters/http/http-news.ts';

it('Each kind of news is told once a minute', () => {
  const told: string[] = [];
  let nowMs = 0;
  const teller = new NewsTeller(
    ({ kind, from }) => told.push(`${kind} ${from}`),
    () => nowMs,
  );
  for (const from of ['a', 'b']) teller.tell({ kind: 'full', from });
  teller.tell({ kind: 'unauthorized', from: 'c' });
  nowMs = 60_000;
  teller.tell({ kind: 'full', from: 'd' });
  expect(told).toEqual(['full a', 'unauthorized c', 'full d']);
});

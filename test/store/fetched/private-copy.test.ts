import { expect, it } from 'vitest';
import { Store } from '#store/store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

it('A copy whose time is over while it is verified is given up', async () => {
  const { fetched } = await Store.open(scratchDirectory());
  const copy = fetched.privateCopy('mx1', '2026-11-19' as UtcDay);
  copy.empty();
  const waiting = new AbortController();
  const verified = copy.verify(false, waiting.signal);
  waiting.abort();
  expect(await verified).toEqual({ kind: 'damaged', why: 'reading it takes too long' });
});

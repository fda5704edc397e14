import { describe, expect, it } from 'vitest';
import { readInboundFigures } from '#pipeline/status/read-inbound-figures.ts';
import type { InboundFigures } from '#pipeline/status/read-inbound-figures.ts';
import type { Problem } from '#support/problem.ts';
import { Store } from '#store/store.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { documentOf, entryToPack, INBOUND_DAY, verified } from '#test/support/inbound-entries.ts';
import type { EntryWish } from '#test/support/inbound-entries.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const TODAY = daysBefore(INBOUND_DAY, -1);

async function figuresOf(wishes: readonly EntryWish[], today: UtcDay = TODAY): Promise<InboundFigures> {
  const store = await Store.open(scratchDirectory());
  store.identity();
  await store.inbound.save(
    wishes.map((wish) => store.inbound.pack(entryToPack(wish))),
    fail,
  );
  return readInboundFigures(store, today, fail);
}

function fail(problem: Problem): never {
  throw problem;
}

describe('The figures of what others reported', () => {
  it('tell those whose sender is shown from the others', async () => {
    const { verified: shown, unverified } = await figuresOf([
      { document: documentOf('a'), verification: verified },
      { document: documentOf('b') },
      { document: documentOf('c') },
    ]);
    expect([shown.reports, unverified.reports]).toEqual([1, 2]);
    expect(unverified.failed).toBe(2 * shown.failed);
  });

  it('have the sessions of each report by outcome and result type, and one name for types that are not known', async () => {
    const failure = (type: string, count: number): object => ({ 'result-type': type, 'failed-session-count': count });
    const document = {
      ...documentOf('a'),
      policies: [
        {
          policy: { 'policy-type': 'sts', 'policy-domain': 'company-y.example', 'policy-string': [], 'mx-host': [] },
          summary: { 'total-successful-session-count': 5, 'total-failure-session-count': 6 },
          'failure-details': [failure('certificate-expired', 1), failure('made-up', 2), failure('made-up-too', 3)],
        },
      ],
    };
    const { unverified } = await figuresOf([{ document }]);
    expect(unverified).toMatchObject({ successful: 5, failed: 6 });
    expect(Object.fromEntries(unverified.failures)).toEqual({ 'certificate-expired': 1, other: 5 });
  });

  it('are about the last seven days before today alone', async () => {
    expect((await figuresOf([{}], daysBefore(INBOUND_DAY, -7))).unverified.reports).toBe(1);
    expect((await figuresOf([{}], daysBefore(INBOUND_DAY, -8))).unverified.reports).toBe(0);
  });
});

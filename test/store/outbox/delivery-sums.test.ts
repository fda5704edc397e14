import { describe, expect, it } from 'vitest';
import { DAY, DEFERRED, DELIVERED, MAIL, Sending, START_MS, WEB } from '#test/support/sending.ts';

const HOUR_MS = 3_600_000;

async function halfDelivered(): Promise<Sending> {
  const sending = await Sending.with(
    { destinations: [MAIL, WEB, 'directory:/srv/reports'] },
    { destinations: [MAIL], policyDomain: 'other.example' },
    { destinations: [WEB], policyDomain: 'later.example', dueMs: START_MS + HOUR_MS },
  );
  await sending.run((_report, to) => (to.scheme === 'https' ? DEFERRED : DELIVERED));
  return sending;
}

describe('The sums of a day of deliveries', () => {
  it('are what is to be seen one by one', async () => {
    const sending = await halfDelivered();
    const sums = sending.store.outboxes.sums(DAY, sending.nowMs);
    expect(sums).toMatchObject({ reports: 3, withheld: 0 });
    const counts = new Map(sums?.deliveries.map(({ kind, state, count }) => [`${kind} ${state}`, count]));
    expect(Object.fromEntries(counts)).toEqual({
      'mailto delivered': 2,
      'https deferred': 1,
      'https queued': 1,
      'directory delivered': 1,
    });
  });

  it('say since when something is tried, due, and delivered', async () => {
    const sending = await halfDelivered();
    const { store, nowMs } = sending;
    expect(store.outboxes.sums(DAY, nowMs)).toMatchObject({
      firstDueMs: undefined,
      firstTriedMs: START_MS,
      lastDeliveredMs: START_MS,
    });
    const [next] = sending
      .deliveries()
      .flatMap(({ state, nextAttemptMs }) => (state === 'deferred' ? [nextAttemptMs] : []));
    expect(store.outboxes.sums(DAY, nowMs + 2 * HOUR_MS)).toMatchObject({ firstDueMs: next });
  });

  it('are none where there is no outbox', async () => {
    const { store } = await Sending.with();
    expect(store.outboxes.sums(DAY, START_MS)).toBeUndefined();
  });
});

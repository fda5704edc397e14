import { describe, expect, it } from 'vitest';
import { DEFERRED, DELIVERED, MAIL, Sending, START_MS } from '#test/support/sending.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** What is left of the time for attempts when the first is made by a clock that is off by so much, and the second by one that is right. */
async function afterFirstAttempt(offMs: number): Promise<Sending> {
  const sending = await Sending.with({ destinations: [MAIL] });
  sending.nowMs = START_MS + offMs;
  await sending.run(DEFERRED, { evenIfNotDue: true });
  sending.nowMs = START_MS + HOUR_MS;
  await sending.run(DEFERRED, { evenIfNotDue: true });
  return sending;
}

/** Attempts as they come due, until there are no more; how many hours pass. */
async function hoursUntilExpired(sending: Sending): Promise<number> {
  const sinceMs = sending.nowMs;
  for (;;) {
    const nextMs = sending.deliveries()[0]?.nextAttemptMs;
    if (nextMs === undefined) return (sending.nowMs - sinceMs) / HOUR_MS;
    sending.nowMs = nextMs;
    await sending.run(DEFERRED);
  }
}

describe('A clock that was wrong once', () => {
  it.each([
    ['days behind at the first attempt', -2 * DAY_MS],
    ['years behind at the first attempt', -20 * 365 * DAY_MS],
    ['days ahead at the first attempt', 2 * DAY_MS],
  ])('%s leaves a report most of its 24 hours', async (_, offMs) => {
    const sending = await afterFirstAttempt(offMs);
    expect(sending.states()).toEqual(['deferred']);
    const hours = await hoursUntilExpired(sending);
    expect(hours).toBeGreaterThanOrEqual(18);
    expect(hours).toBeLessThanOrEqual(24);
  });

  it('days ahead in one of many runs takes a quarter of the 24 hours at most', async () => {
    const sending = await Sending.with({ destinations: [MAIL] });
    await sending.run(DEFERRED);
    for (const atMs of [HOUR_MS, 2 * DAY_MS, 2 * HOUR_MS]) {
      sending.nowMs = START_MS + atMs;
      await sending.run(DEFERRED);
    }
    expect(sending.deliveries()).toMatchObject([{ state: 'deferred', attempts: 4 }]);
    expect(await hoursUntilExpired(sending)).toBe(24 - 1 - 6);
  });

  it('set right while an attempt is under way is no time that passed', async () => {
    const sending = await Sending.with({ destinations: [MAIL] });
    const setRight = (): typeof DEFERRED => {
      sending.nowMs += 3 * DAY_MS;
      return DEFERRED;
    };
    await sending.run(setRight, { steadyMs: () => 0 });
    expect(sending.states()).toEqual(['deferred']);
    const [transport] = await sending.run(DELIVERED);
    expect(transport.accepted).toHaveLength(1);
  });
});

describe('Runs that are a day apart', () => {
  it('are no wait that was a day long, so five attempts are made', async () => {
    const sending = await Sending.with({ destinations: [MAIL] });
    for (let attempt = 1; attempt <= 4; attempt += 1) {
      await sending.run(DEFERRED);
      sending.nowMs += DAY_MS;
    }
    expect(sending.states()).toEqual(['deferred']);
    await sending.run(DEFERRED);
    expect(sending.deliveries()).toMatchObject([{ state: 'expired', attempts: 5 }]);
  });
});

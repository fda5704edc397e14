import { describe, expect, it } from 'vitest';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { DAY, DEFERRED, DELIVERED, MAIL, REFUSED, Sending, START_MS, WEB } from '#test/support/sending.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

describe('an attempt that ends', () => {
  it('delivered is final, and noted with the reply', async () => {
    const sending = await Sending.with({ destinations: [MAIL] });
    const [transport, waiting] = await sending.run(DELIVERED);
    expect(transport.attempts).toEqual([[MAIL, 'id-1@sender.example']]);
    expect(waiting).toBe(0);
    expect(sending.deliveries()).toEqual([
      {
        reportId: 'id-1@sender.example',
        policyDomain: 'good.example',
        submitterDomain: 'sender.example',
        destination: MAIL,
        state: 'delivered',
        attempts: 1,
        firstAttemptMs: START_MS,
        lastAttemptMs: START_MS,
        lastResult: '250 Ok',
        nextAttemptMs: undefined,
      },
    ]);
    expect(sending.eventNames()).toEqual(['report-delivered']);
  });

  it('refused is final', async () => {
    const sending = await Sending.with({ destinations: [MAIL] });
    const [, waiting] = await sending.run(REFUSED);
    expect(waiting).toBe(0);
    expect(sending.deliveries()).toMatchObject([
      { state: 'refused', attempts: 1, lastResult: '550 no', nextAttemptMs: undefined },
    ]);
    expect(sending.eventNames()).toEqual(['report-refused']);
  });

  it('deferred is due again after a minute', async () => {
    const sending = await Sending.with({ destinations: [MAIL] });
    const [, waiting] = await sending.run(DEFERRED);
    expect(waiting).toBe(1);
    expect(sending.deliveries()).toMatchObject([
      {
        state: 'deferred',
        attempts: 1,
        firstAttemptMs: START_MS,
        lastResult: '450 later',
        nextAttemptMs: START_MS + MINUTE_MS,
      },
    ]);
    expect(sending.logged).toMatchObject([
      {
        name: 'report-deferred',
        level: 'warning',
        facts: { nextAttempt: '2026-11-20T06:01:00.000Z', reply: '450 later' },
      },
    ]);
  });

  it('deferred is due again when the receiver says', async () => {
    const sending = await Sending.with({ destinations: [WEB] });
    await sending.run({ kind: 'deferred', reply: '503', retryAfterMs: HOUR_MS });
    expect(sending.deliveries()).toMatchObject([{ nextAttemptMs: START_MS + HOUR_MS }]);
  });

  it('deferred by our own mail server is no warning about the receiver, until it has expired', async () => {
    const sending = await Sending.with({ destinations: [MAIL] });
    const ours = { kind: 'deferred', reply: 'nobody there', isOurs: true } as const;
    for (const hours of [0, 6, 12, 18, 24]) {
      sending.nowMs = START_MS + hours * HOUR_MS;
      await sending.run(ours);
    }
    expect(sending.logged.map(({ name, level }) => [name, level])).toEqual([
      ...Array<string[]>(4).fill(['report-deferred', 'info']),
      ['report-expired', 'warning'],
    ]);
  });

  it('deferred for 24 hours has expired', async () => {
    const sending = await Sending.with({ destinations: [MAIL] });
    const waiting: number[] = [];
    for (const hours of [0, 6, 12, 18, 24]) {
      sending.nowMs = START_MS + hours * HOUR_MS;
      waiting.push((await sending.run(DEFERRED))[1]);
    }
    expect(waiting).toEqual([1, 1, 1, 1, 0]);
    expect(sending.deliveries()).toMatchObject([
      { state: 'expired', attempts: 5, firstAttemptMs: START_MS, lastResult: '450 later', nextAttemptMs: undefined },
    ]);
    expect(sending.eventNames()).toEqual([...Array<string>(4).fill('report-deferred'), 'report-expired']);
  });

  it('after many deferrals is delivered all the same, under the same report-id', async () => {
    const sending = await Sending.with({ destinations: [MAIL] });
    const ids: string[] = [];
    for (const outcome of [DEFERRED, DEFERRED, DEFERRED, DELIVERED]) {
      sending.nowMs = sending.deliveries()[0]?.nextAttemptMs ?? 0;
      const [transport] = await sending.run(outcome);
      ids.push(...transport.attempts.map(([, reportId]) => reportId));
    }
    expect(ids).toEqual(Array(4).fill('id-1@sender.example'));
    expect(sending.nowMs).toBe(START_MS + 7 * MINUTE_MS);
    expect(sending.deliveries()).toMatchObject([{ state: 'delivered', attempts: 4, firstAttemptMs: START_MS }]);
  });

  it('one way for one destination may end another way for another', async () => {
    const sending = await Sending.with({ destinations: [MAIL, WEB] });
    const [, waiting] = await sending.run((_, to) => (to.scheme === 'https' ? DEFERRED : DELIVERED));
    expect(waiting).toBe(1);
    expect(sending.states()).toEqual(['delivered', 'deferred']);
  });
});

describe('a second run', () => {
  it('sends nothing twice', async () => {
    const sending = await Sending.with({ destinations: [MAIL, WEB] }, { destinations: ['mailto:other@good.example'] });
    await sending.run((_, to) => (to.scheme === 'https' ? REFUSED : DELIVERED));
    const before = sending.deliveries();
    sending.nowMs += 48 * HOUR_MS;
    const [transport, waiting] = await sending.run(DELIVERED, { evenIfNotDue: true });
    expect(transport.attempts).toEqual([]);
    expect(waiting).toBe(0);
    expect(sending.deliveries()).toEqual(before);
  });

  it('leaves alone what is not due yet', async () => {
    const sending = await Sending.with({ destinations: [MAIL] });
    await sending.run(DEFERRED);
    sending.nowMs += MINUTE_MS - 1;
    const [early, waiting] = await sending.run(DELIVERED);
    expect(early.attempts).toEqual([]);
    expect(waiting).toBe(1);
    sending.nowMs += 1;
    const [due] = await sending.run(DELIVERED);
    expect(due.attempts).toHaveLength(1);
  });

  it('takes what is not due yet when told to', async () => {
    const sending = await Sending.with({ destinations: [MAIL], dueMs: START_MS + HOUR_MS });
    const [transport] = await sending.run(DELIVERED, { evenIfNotDue: true });
    expect(transport.attempts).toHaveLength(1);
    expect(sending.states()).toEqual(['delivered']);
  });
});

describe('a run for some', () => {
  const EARLIER = '2026-11-18' as UtcDay;

  it('takes every day when none is named, the oldest first', async () => {
    const sending = await Sending.with({ destinations: [MAIL] }, { destinations: [MAIL], day: EARLIER });
    const [transport] = await sending.run(DELIVERED, { parallel: 1 });
    expect(transport.accepted).toEqual(['id-2@sender.example', 'id-1@sender.example']);
  });

  it('takes one day when it is named', async () => {
    const sending = await Sending.with({ destinations: [MAIL] }, { destinations: [MAIL], day: EARLIER });
    const [transport, waiting] = await sending.run(DEFERRED, { day: EARLIER });
    expect(transport.attempts.map(([, id]) => id)).toEqual(['id-2@sender.example']);
    expect(waiting).toBe(1);
    expect(sending.states()).toEqual(['queued']);
  });

  it('takes the policy domains that are named, and counts only theirs as waiting', async () => {
    const sending = await Sending.with({ destinations: [MAIL] }, { destinations: [MAIL], policyDomain: 'b.example' });
    const [transport, waiting] = await sending.run(DELIVERED, { domains: ['b.example'] });
    expect(transport.accepted).toEqual(['id-2@sender.example']);
    expect(waiting).toBe(0);
  });

  it('does nothing where there is no outbox', async () => {
    const sending = await Sending.with();
    const [transport, waiting] = await sending.run(DELIVERED, { day: DAY });
    expect([transport.attempts, waiting]).toEqual([[], 0]);
    expect(sending.store.outboxes.days()).toEqual([]);
  });
});

describe('what each destination last answered', () => {
  it('is noted', async () => {
    const sending = await Sending.with({ destinations: [MAIL, WEB] });
    await sending.run((_, to) => (to.scheme === 'https' ? REFUSED : DELIVERED));
    expect(sending.known().results).toEqual([
      { address: WEB, state: 'refused', result: '550 no', atMs: START_MS },
      { address: MAIL, state: 'delivered', result: '250 Ok', atMs: START_MS },
    ]);
  });

  it('is noted anew with each answer', async () => {
    const sending = await Sending.with({ destinations: [MAIL] });
    await sending.run(DEFERRED);
    sending.nowMs += HOUR_MS;
    await sending.run(DELIVERED);
    expect(sending.known().results).toEqual([
      { address: MAIL, state: 'delivered', result: '250 Ok', atMs: START_MS + HOUR_MS },
    ]);
  });
});

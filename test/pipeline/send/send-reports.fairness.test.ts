import { describe, expect, it, vi } from 'vitest';
import type { DeliveryOutcome } from '#pipeline/send/report-transport.ts';
import { dueDeliveries } from '#pipeline/send/due-deliveries.ts';
import type { DeliveryState } from '#tlsrpt/delivery.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { DAY, DEFERRED, DELIVERED, MAIL, REFUSED, Sending, START_MS, WEB } from '#test/support/sending.ts';

const DAY_MS = 86_400_000;
const TOMORROW_MS = Date.UTC(2026, 10, 21);

/** Reports about as many domains, all for the same address. */
async function manyFor(destination: string, reports: number): Promise<Sending> {
  return Sending.with(...Array.from({ length: reports }, () => ({ destinations: [destination] })));
}

function countOf(states: readonly string[], state: DeliveryState): number {
  return states.filter((candidate) => candidate === state).length;
}

describe('an address that many domains name', () => {
  it('gets so many reports a day, and the others wait for the next', async () => {
    const sending = await manyFor(MAIL, 5);
    const [transport, waiting] = await sending.run(DELIVERED, { maxPerDestination: 3 });
    expect([transport.accepted.length, waiting]).toEqual([3, 2]);
    const [, , , putOff] = sending.deliveries();
    expect(putOff).toMatchObject({
      state: 'queued',
      attempts: 0,
      firstAttemptMs: undefined,
      lastResult: 'put off: its host has had as many reports today as it may get',
      nextAttemptMs: TOMORROW_MS + 1_800_000,
    });
    expect(sending.logged.at(-1)).toMatchObject({
      name: 'destination-ceiling-reached',
      facts: { destination: 'good.example', putOff: 2, ceiling: 3 },
    });
  });

  it('gets no more of them in a later run of the same day, whatever the spelling, and the rest on the next', async () => {
    const sending = await manyFor(MAIL, 4);
    await sending.run(DELIVERED, { maxPerDestination: 3 });
    sending.queue({ destinations: ['mailto:TLS@GOOD.example'] });
    const [again] = await sending.run(DELIVERED, { maxPerDestination: 3, evenIfNotDue: true });
    expect(again.attempts).toEqual([]);
    sending.nowMs = TOMORROW_MS + 3_600_000;
    const [next, waiting] = await sending.run(DELIVERED, { maxPerDestination: 3 });
    expect([next.accepted.length, waiting]).toEqual([2, 0]);
  });

  it('is given a report once, however often it is tried', async () => {
    const sending = await manyFor(MAIL, 3);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const [transport] = await sending.run(DEFERRED, { maxPerDestination: 3, evenIfNotDue: true });
      expect(transport.attempts).toHaveLength(3);
    }
  });

  it('is not marked as transmitted while it waits', async () => {
    const sending = await manyFor(MAIL, 2);
    await sending.run(DELIVERED, { maxPerDestination: 1 });
    expect([
      sending.transmissionStarted('id-1@sender.example'),
      sending.transmissionStarted('id-2@sender.example'),
    ]).toEqual([true, false]);
  });

  it('is shown with what it would get, and that changes nothing', async () => {
    const sending = await manyFor(MAIL, 5);
    expect(dueDeliveries({ ...sending.options(), maxPerDestination: 3 })).toHaveLength(3);
    const [transport] = await sending.run(DELIVERED, { maxPerDestination: 3 });
    expect(transport.accepted).toHaveLength(3);
  });
});

describe('an address that refuses', () => {
  /** One report a day to each of MAIL and WEB, which answer as told. */
  async function daily(sending: Sending, days: number, answer: DeliveryOutcome): Promise<void> {
    for (let day = 0; day < days; day += 1) {
      sending.queue({ destinations: [MAIL, WEB], dueMs: sending.nowMs });
      await sending.run((_report, to) => (to.scheme === 'mailto' ? answer : DELIVERED));
      sending.nowMs += DAY_MS;
    }
  }

  it('on three days in a row is suppressed for a week, and the list says why', async () => {
    const sending = await Sending.with();
    await daily(sending, 3, REFUSED);
    expect(sending.known().suppressions).toEqual([
      {
        address: MAIL,
        untilMs: START_MS + 9 * DAY_MS,
        reason: 'it refused reports on 3 days in a row, at last with: 550 no',
      },
    ]);
    expect(sending.eventNames()).toContain('destination-suppressed');
    await daily(sending, 6, DELIVERED);
    expect(countOf(sending.states(), 'suppressed')).toBe(6);
    await daily(sending, 1, DELIVERED);
    expect(countOf(sending.states(), 'suppressed')).toBe(6);
    expect(sending.known()).toMatchObject({ suppressions: [], refusals: [] });
  });

  it('is suppressed for longer the next time', async () => {
    const sending = await Sending.with();
    await daily(sending, 3, REFUSED);
    sending.nowMs += 7 * DAY_MS;
    const againMs = sending.nowMs;
    await daily(sending, 3, REFUSED);
    expect(sending.known().suppressions).toMatchObject([{ untilMs: againMs + 16 * DAY_MS }]);
  });

  it('but accepts in between begins anew', async () => {
    const sending = await Sending.with();
    await daily(sending, 2, REFUSED);
    await daily(sending, 1, DELIVERED);
    await daily(sending, 2, REFUSED);
    expect(sending.known().suppressions).toEqual([]);
    expect(sending.eventNames()).not.toContain('destination-suppressed');
  });

  it('gets nothing more in the run that found out', async () => {
    const sending = await Sending.with();
    await daily(sending, 2, REFUSED);
    for (let report = 0; report < 3; report += 1) sending.queue({ destinations: [MAIL], dueMs: sending.nowMs });
    const [transport] = await sending.run(REFUSED, { parallelPerHost: 1 });
    expect(transport.attempts).toHaveLength(1);
    expect(sending.states().slice(-3).sort()).toEqual(['refused', 'suppressed', 'suppressed']);
  });

  it('costs the same few writes as many others that do', async () => {
    const sending = await Sending.with();
    const mailboxes = Array.from({ length: 30 }, (_, index) => `mailto:tls@host-${String(index)}.example`);
    const written = vi.spyOn(sending.store.destinations, 'changeInTurn');
    for (let day = 0; day < 3; day += 1) {
      for (const mailbox of mailboxes) sending.queue({ destinations: [mailbox], dueMs: sending.nowMs });
      written.mockClear();
      await sending.run(REFUSED);
      sending.nowMs += DAY_MS;
    }
    expect(sending.known().suppressions).toHaveLength(30);
    expect(written.mock.calls.length).toBeLessThanOrEqual(2);
    expect(sending.eventNames().filter((name) => name === 'destination-suppressed')).toHaveLength(30);
  });
});

describe('a run of send', () => {
  it('has no more under way to one host than it may', async () => {
    const sending = await manyFor(MAIL, 12);
    const [transport] = await sending.run(
      async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return DELIVERED;
      },
      { parallelPerHost: 2 },
    );
    expect([transport.accepted.length, transport.mostAtOnce]).toEqual([12, 2]);
  });

  it('tells how far it has come', async () => {
    const earlier = '2026-11-18' as UtcDay;
    const sending = await Sending.with(
      { destinations: [MAIL, WEB] },
      { destinations: [MAIL], day: earlier },
      { destinations: [WEB], policyDomain: 'b.example' },
    );
    sending.suppress({ address: WEB, untilMs: undefined });
    const told: string[] = [];
    const progress = {
      expect: (count: number) => told.push(`expect ${String(count)}`),
      advance: (count: number) => count > 0 && told.push(`advance ${String(count)}`),
    };
    await sending.run(DELIVERED, { progress, domains: ['good.example'] });
    expect(told).toEqual(['expect 1', 'expect 2', 'advance 1', 'advance 1', 'advance 1']);
    expect(sending.states(DAY).sort()).toEqual(['delivered', 'queued', 'suppressed']);
  });
});

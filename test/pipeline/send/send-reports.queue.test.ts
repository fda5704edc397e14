import { describe, expect, it } from 'vitest';
import type { DeliveryOutcome } from '#pipeline/send/report-transport.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { Problem } from '#support/problem.ts';
import { damageReport } from '#test/support/damage-report.ts';
import { has } from '#test/support/real-parts.ts';
import { DAY, DEFERRED, DELIVERED, MAIL, Sending, START_MS, WEB } from '#test/support/sending.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const LATER = '2026-11-20' as UtcDay;

function endpoints(host: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `https://${host}/${String(index)}`);
}

function gate(): { readonly open: () => void; readonly passed: Promise<void> } {
  let open = (): void => undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return {
    open: () => {
      open();
    },
    passed,
  };
}

describe('A report that is damaged in the outbox', () => {
  it.runIf(has('sqlite3'))('waits and is told at each run, while all others of its day are delivered', async () => {
    const domains = ['a.example', 'b.example', 'c.example'];
    const sending = await Sending.with(...domains.map((policyDomain) => ({ destinations: [MAIL], policyDomain })));
    damageReport(sending.store, DAY, 'b.example');
    const told: Problem[] = [];
    const dayRefused = (problem: Problem): unknown => told.push(problem);
    await sending.run(DELIVERED, { dayRefused });
    const [, waiting] = await sending.run(DELIVERED, { dayRefused });
    expect(sending.states()).toEqual(['delivered', 'queued', 'delivered']);
    expect(waiting).toBe(1);
    const ofB = { code: 'store-damaged', message: expect.stringMatching(/^The report id-2@sender\.example/) as string };
    expect(told).toMatchObject([ofB, ofB]);
  });
});

describe('A silent host', () => {
  it('that 43 domains name first, each 50 times, holds up no good mail', async () => {
    const silent = Array.from({ length: 43 }, (_, index) => ({
      destinations: endpoints('silent.example', 50),
      policyDomain: `a-${String(index)}.example`,
    }));
    const sending = await Sending.with(...silent, { destinations: [MAIL], policyDomain: 'z.example' });
    const mail = gate();
    const [transport] = await sending.run(
      async (_report, to): Promise<DeliveryOutcome> => {
        if (to.uri === MAIL) mail.open();
        await mail.passed;
        return to.uri === MAIL ? DELIVERED : DEFERRED;
      },
      { parallel: 20, parallelPerHost: 2 },
    );
    expect(transport.accepted).toHaveLength(1);
    expect(transport.attempts.slice(0, 3).map(([uri]) => uri)).toContain(MAIL);
  });

  it('that an earlier day has deliveries for holds up no later day', async () => {
    const sending = await Sending.with(
      { destinations: endpoints('silent.example', 3) },
      { destinations: [MAIL], day: LATER },
    );
    const mail = gate();
    await sending.run(
      async (_report, to): Promise<DeliveryOutcome> => {
        if (to.uri === MAIL) mail.open();
        await mail.passed;
        return DELIVERED;
      },
      { parallelPerHost: 1 },
    );
    expect(sending.states(LATER)).toEqual(['delivered']);
  });

  it('is left for the next run after ten time-outs in a row, and that is said once', async () => {
    const sending = await Sending.with({ destinations: [...endpoints('silent.example', 25), MAIL] });
    const [transport, waiting] = await sending.run(
      (_report, to) => {
        if (to.uri === MAIL) return DELIVERED;
        sending.nowMs += MINUTE_MS;
        return DEFERRED;
      },
      { parallel: 1 },
    );
    expect([transport.attempts.length, waiting]).toEqual([11, 25]);
    expect(sending.deliveries().filter(({ attempts }) => attempts === 0)).toHaveLength(15);
    expect(sending.logged.filter(({ name }) => name === 'destination-silent')).toMatchObject([
      { facts: { destination: 'silent.example', waiting: 15 } },
    ]);
  });

  it('that says no, or later, at once gets all that there is', async () => {
    const sending = await Sending.with({ destinations: endpoints('busy.example', 25) });
    const [transport] = await sending.run(DEFERRED, { parallel: 1 });
    expect(transport.attempts).toHaveLength(25);
  });
});

describe('A run that is told to stop', () => {
  it('begins nothing more, lets what is under way come to its end, and writes that down', async () => {
    const mailboxes = Array.from({ length: 20 }, (_, index) => `mailto:tls@host-${String(index)}.example`);
    const sending = await Sending.with(...mailboxes.map((mailbox) => ({ destinations: [mailbox] })));
    const stop = new AbortController();
    const [stopped, waiting] = await sending.run(
      async () => {
        stop.abort();
        for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        return DELIVERED;
      },
      { parallel: 3, stopping: stop.signal },
    );
    expect([stopped.accepted.length, waiting]).toEqual([3, 17]);
    const [next] = await sending.run(DELIVERED);
    expect([...stopped.accepted, ...next.accepted].sort()).toEqual(
      mailboxes.map((_, index) => `id-${String(index + 1)}@sender.example`).sort(),
    );
  });

  it('gives back what it had counted for reports that it did not begin', async () => {
    const sending = await Sending.with(...Array.from({ length: 9 }, () => ({ destinations: [MAIL] })));
    const stop = new AbortController();
    await sending.run(
      () => {
        stop.abort();
        return DELIVERED;
      },
      { parallel: 1, stopping: stop.signal },
    );
    expect(sending.reportsToday()).toEqual({ 'good.example': 1 });
  });

  it('while a long list is read begins nothing of it', async () => {
    const sending = await Sending.with({ destinations: endpoints('good.example', 2_500) });
    const stop = new AbortController();
    setImmediate(() => {
      stop.abort();
    });
    const [transport, waiting] = await sending.run(DELIVERED, { stopping: stop.signal });
    expect([transport.attempts.length, waiting]).toEqual([0, 2_500]);
  });
});

describe('A time that was noted while the clock was ahead', () => {
  it('puts no attempt off until the clock gets there', async () => {
    const sending = await Sending.with({ destinations: [MAIL, WEB] });
    sending.nowMs += 365 * DAY_MS;
    await sending.run(DEFERRED);
    sending.nowMs = START_MS + HOUR_MS;
    const [transport, waiting] = await sending.run(DEFERRED);
    expect([transport.attempts.length, waiting]).toEqual([2, 2]);
    expect(sending.deliveries()[0]).toMatchObject({
      firstAttemptMs: START_MS + HOUR_MS,
      nextAttemptMs: START_MS + HOUR_MS + 2 * MINUTE_MS,
    });
  });

  it('puts no report off for longer than a spread and a day with too many can', async () => {
    const sending = await Sending.with(
      { destinations: [MAIL], dueMs: START_MS + 25 * HOUR_MS },
      { destinations: [WEB], dueMs: START_MS + 26 * HOUR_MS },
    );
    const [transport] = await sending.run(DELIVERED);
    expect(transport.attempts.map(([uri]) => uri)).toEqual([WEB]);
    expect(sending.states(DAY)).toEqual(['queued', 'delivered']);
  });

  it('suppresses nobody for longer than refusals do', async () => {
    const sending = await Sending.with({ destinations: [MAIL] });
    sending.store.destinations.change((destinations) => {
      const suppressions = [{ address: MAIL, untilMs: START_MS + 365 * DAY_MS, reason: 'it refused' }];
      destinations.note({ results: [], refusals: [], accepted: [], suppressions, nowMs: START_MS });
    });
    const [transport] = await sending.run(DELIVERED);
    expect(transport.accepted).toHaveLength(1);
  });
});

/**
 * What several runs, and an operator beside them, know together about whom reports go to.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Problem } from '#support/problem.ts';
import { failDisk, healDisk } from '#test/support/failing-disk.ts';
import { DAY, DELIVERED, MAIL, REFUSED, Sending, START_MS } from '#test/support/sending.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY_MS = 86_400_000;
const EARLIER = '2026-11-18' as UtcDay;

describe('The limit for a day', () => {
  it('counts a mail domain, not the spellings of mailboxes in it', async () => {
    const spellings = Array.from({ length: 50 }, (_, index) => `mailto:tls+${String(index)}@victim.example`);
    const sending = await Sending.with(
      ...['a', 'b', 'c', 'd'].map((name) => ({ destinations: spellings, policyDomain: `${name}.example` })),
    );
    const [transport, waiting] = await sending.run(DELIVERED, { maxPerDestination: 1 });
    expect([transport.attempts.length, waiting]).toEqual([1, 199]);
    expect(sending.logged.map(({ name, facts }) => [name, facts['destination'], facts['putOff']])).toContainEqual([
      'destination-ceiling-reached',
      'victim.example',
      199,
    ]);
  });

  it('counts the host of an endpoint, not its paths', async () => {
    const paths = ['https://victim.example/a', 'https://VICTIM.example./b', 'https://victim.example:8443/c?d=e'];
    const sending = await Sending.with({ destinations: paths });
    const [transport] = await sending.run(DELIVERED, { maxPerDestination: 1 });
    expect(transport.attempts).toHaveLength(1);
  });

  it('holds for two runs at once together', async () => {
    const queued = (day: UtcDay) => Array.from({ length: 5 }, () => ({ destinations: [MAIL], day }));
    const sending = await Sending.with(...queued(DAY), ...queued(EARLIER));
    const slowly = async (): Promise<typeof DELIVERED> => {
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      return DELIVERED;
    };
    const runs = await Promise.all(
      [DAY, EARLIER].map((day) => sending.run(slowly, { day, maxPerDestination: 3, parallel: 2 })),
    );
    expect(runs.map(([transport]) => transport.attempts.length).reduce((sum, attempts) => sum + attempts)).toBe(3);
    expect(sending.reportsToday()).toEqual({ 'good.example': 3 });
  });

  it('is kept for nobody who has no use for it, so two days together get all of it', async () => {
    const queued = (day: UtcDay, count: number) => Array.from({ length: count }, () => ({ destinations: [MAIL], day }));
    const sending = await Sending.with(...queued(EARLIER, 8), ...queued(DAY, 4));
    const [transport, waiting] = await sending.run(DELIVERED, { maxPerDestination: 12, parallel: 2 });
    expect([transport.attempts.length, waiting, sending.reportsToday()]).toEqual([12, 0, { 'good.example': 12 }]);
  });

  it('is no less when reports were counted ahead that go to a suppressed address of the host', async () => {
    const toSuppressed = Array.from({ length: 4 }, () => ({ destinations: ['mailto:no@good.example'], day: EARLIER }));
    const sending = await Sending.with({ destinations: [MAIL], day: EARLIER }, ...toSuppressed, {
      destinations: [MAIL],
    });
    sending.suppress({ address: 'mailto:no@good.example', untilMs: undefined });
    const [transport, waiting] = await sending.run(DELIVERED, { maxPerDestination: 2, parallel: 1 });
    expect([transport.attempts.length, waiting]).toEqual([2, 0]);
  });

  it.each([
    ['damaged', 'no database'],
    ['empty', ''],
  ])('is counted anew in place of a file that is %s, and that is said once', async (_, content) => {
    const sending = await Sending.with({ destinations: [MAIL] }, { destinations: [MAIL], day: EARLIER });
    writeFileSync(join(sending.store.path, 'host-counts.sqlite'), content);
    const [transport] = await sending.run(DELIVERED, { maxPerDestination: 1 });
    expect([transport.attempts.length, sending.reportsToday()]).toEqual([1, { 'good.example': 1 }]);
    expect(sending.eventNames().filter((name) => name === 'host-counts-set-aside')).toHaveLength(1);
    expect(readFileSync(join(sending.store.path, 'host-counts.damaged-1.sqlite'), 'utf8')).toBe(content);
  });

  it('holds for the run alone where it cannot be counted for all of them, and that is said once', async () => {
    const sending = await Sending.with(...[1, 2, 3].map(() => ({ destinations: [MAIL] })), {
      destinations: [MAIL],
      day: EARLIER,
    });
    mkdirSync(join(sending.store.path, 'host-counts.sqlite'));
    const problems: Problem[] = [];
    const dayRefused = (problem: Problem): unknown => problems.push(problem);
    const [transport, waiting] = await sending.run(DELIVERED, { maxPerDestination: 3, dayRefused });
    expect([transport.attempts.length, waiting]).toEqual([3, 1]);
    expect(problems).toHaveLength(1);
  });

  it('counts what was transmitted, and nothing that a run had counted ahead when it was killed', async () => {
    const sending = await Sending.with(...Array.from({ length: 4 }, () => ({ destinations: [MAIL] })));
    await sending.run(DELIVERED, { maxPerDestination: 1 });
    const { hostCounts } = sending.store;
    const killed = { outbox: DAY, day: utcDayOf(START_MS) };
    await hostCounts.add(
      killed,
      () => ['good.example'],
      () => 100,
    );
    const [transport] = await sending.run(DELIVERED, { maxPerDestination: 3, evenIfNotDue: true });
    expect([transport.attempts.length, sending.reportsToday()]).toEqual([2, { 'good.example': 3 }]);
  });
});

describe('A suppression by the operator', () => {
  afterEach(healDisk);

  it('holds for what a run begins that is under way', async () => {
    const [first, second] = [MAIL, 'mailto:tls@other.example'];
    const sending = await Sending.with({ destinations: [first] }, { destinations: [second] });
    const suppressing = (): typeof DELIVERED => {
      sending.suppress({ address: second, untilMs: undefined });
      sending.nowMs += 1_000;
      return DELIVERED;
    };
    await sending.run(suppressing, { parallel: 1 });
    expect(sending.states()).toEqual(['delivered', 'suppressed']);
  });

  it('that nobody can read keeps all reports from others waiting, and none from a directory of our own', async () => {
    const sending = await Sending.with({ destinations: [MAIL] }, { destinations: ['directory:/var/reports'] });
    writeFileSync(join(sending.store.path, 'destinations.sqlite'), 'no database');
    const problems: Problem[] = [];
    const dayRefused = (problem: Problem): unknown => problems.push(problem);
    const [, waiting] = await sending.run(DELIVERED, { dayRefused });
    expect([sending.states(), waiting]).toEqual([['queued', 'delivered'], 1]);
    expect(problems.map(({ code }) => code)).toEqual(['store-damaged']);
    rmSync(join(sending.store.path, 'destinations.sqlite'));
    await sending.run(DELIVERED, { dayRefused });
    expect(sending.states()).toEqual(['delivered', 'delivered']);
  });

  it('is heeded also where what was learned cannot be written', async () => {
    const sending = await Sending.with({ destinations: [MAIL] }, { destinations: ['mailto:tls@other.example'] });
    sending.suppress({ address: MAIL, untilMs: undefined });
    const problems: Problem[] = [];
    failDisk({ call: 'writeSync', errno: 'ENOSPC', path: 'destinations.sqlite.tmp' });
    await sending.run(DELIVERED, { dayRefused: (problem) => problems.push(problem) });
    healDisk();
    expect(sending.states()).toEqual(['suppressed', 'delivered']);
    expect(problems.map(({ code }) => code)).toEqual(['disk-full']);
  });

  it('is not overwritten by what a run learns that was under way', async () => {
    const sending = await Sending.with();
    for (let day = 0; day < 3; day += 1) {
      sending.queue({ destinations: [MAIL], dueMs: sending.nowMs });
      await sending.run(() => {
        if (day === 2) sending.suppress({ address: MAIL, untilMs: undefined });
        return REFUSED;
      });
      sending.nowMs += DAY_MS;
    }
    expect(sending.known().suppressions).toEqual([{ address: MAIL, untilMs: undefined, reason: undefined }]);
    expect(sending.eventNames()).not.toContain('destination-suppressed');
  });
});

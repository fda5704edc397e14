import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { LogEvent } from '#events/event.ts';
import { BounceTokens } from '#pipeline/send/bounce-tokens.ts';
import { changeInPlace } from '#store/durable/change-in-place.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { Outbox } from '#store/outbox/outbox.ts';
import { systemDisk } from '#support/disk.ts';
import { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { countDiskCalls, failDisk, healDisk } from '#test/support/failing-disk.ts';
import { DAY, DEFERRED, DELIVERED, REFUSED, Sending, START_MS } from '#test/support/sending.ts';

/** One report to each of as many mailboxes. */
async function sendingTo(mailboxes: number): Promise<Sending> {
  return Sending.with(
    ...Array.from({ length: mailboxes }, (_, index) => ({
      destinations: [`mailto:tls-${String(index)}@good.example`],
    })),
  );
}

async function damageOutbox({ store }: Sending, sql: string): Promise<void> {
  const outbox = store.outboxes.open(DAY);
  outbox.checkpoint();
  outbox.close();
  const context = { sqlite: await loadSqlite(), disk: systemDisk };
  changeInPlace(context, join(store.path, 'outbox', `${DAY}.sqlite`), (database) => {
    database.execute(sql);
  });
}

/** As a bug in what is to be noted would. */
function refuseToNote(condition: string): string {
  return `CREATE TRIGGER refusing BEFORE UPDATE ON deliveries WHEN ${condition} BEGIN SELECT RAISE(ABORT, 'x is not y'); END`;
}

function newestJournal({ store }: Sending): string {
  const numbers = readdirSync(join(store.path, 'outbox')).map((name) => /^2026-11-19\.(\d+)\.journal$/.exec(name)?.[1]);
  return `/${DAY}.${String(Math.max(...numbers.map((number) => Number(number ?? 0))))}.journal`;
}

describe('An attempt', () => {
  it('has the token of its delivery where envelopes name deliveries, the same each time', async () => {
    const sending = await sendingTo(2);
    const bounceTokens = new BounceTokens(sending.store.bounceKey());
    const [first] = await sending.run(DEFERRED, { bounceTokens });
    const [again] = await sending.run(DELIVERED, { bounceTokens, evenIfNotDue: true });
    expect(new Set(first.tokens).size).toBe(2);
    expect([...again.tokens].sort()).toEqual([...first.tokens].sort());
    const deliveries = sending.deliveries();
    for (const [index, token] of first.tokens.entries()) {
      const [, reportId] = first.attempts[index] ?? [];
      const delivery = deliveries.find((one) => one.reportId === reportId);
      expect(delivery && bounceTokens.read(token ?? '')?.isOf(delivery)).toBe(true);
      expect(bounceTokens.read(token ?? '')?.day).toBe(DAY);
    }
  });

  it('has none where they do not', async () => {
    const sending = await sendingTo(1);
    const [transport] = await sending.run(DELIVERED);
    expect(transport.tokens).toEqual([undefined]);
    expect(readdirSync(sending.store.path)).not.toContain('bounce-key');
  });

  it('marks the transmission of its report as started before it transmits it, and of no other', async () => {
    const sending = await sendingTo(2);
    const started: (boolean | undefined)[][] = [];
    const isStarted = (reportId: string): boolean | undefined =>
      sending.store.outboxes.readReport(DAY, reportId)?.report.transmissionStarted;
    await sending.run(
      () => {
        started.push([isStarted('id-1@sender.example'), isStarted('id-2@sender.example')]);
        return DELIVERED;
      },
      { parallel: 1 },
    );
    expect(started).toEqual([
      [true, false],
      [true, true],
    ]);
  });

  it('notes its outcome as soon as it is known, so that a crash forgets only what is under way', async () => {
    const sending = await sendingTo(4);
    const deliveredBefore: number[] = [];
    await sending.run(
      () => {
        deliveredBefore.push(sending.states().filter((state) => state === 'delivered').length);
        return DELIVERED;
      },
      { parallel: 1 },
    );
    expect(deliveredBefore).toEqual([0, 1, 2, 3]);
  });

  it('waits for the disk once, as the outcome of the one before goes there together with its start', async () => {
    const sending = await sendingTo(10);
    const commits = countDiskCalls('fsync');
    const beforeEach: number[] = [];
    await sending.run(
      () => {
        beforeEach.push(commits());
        return DELIVERED;
      },
      { parallel: 1 },
    );
    healDisk();
    expect(beforeEach).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('tells of its outcome only once that is in the ledger', async () => {
    const sending = await sendingTo(1);
    const logged: (readonly [string, string | undefined])[] = [];
    const log = ({ name }: LogEvent): void => {
      logged.push([name, sending.states()[0]]);
    };
    await sending.run(DELIVERED, { log });
    expect(logged).toEqual([['report-delivered', 'delivered']]);
  });

  it('takes its time before it, and that of the next one after it', async () => {
    const sending = await sendingTo(1);
    await sending.run(() => {
      sending.nowMs += 45_000;
      return DEFERRED;
    });
    expect(sending.deliveries()).toMatchObject([{ firstAttemptMs: START_MS, nextAttemptMs: START_MS + 105_000 }]);
  });

  it('is not made while as many others wait for their outcomes to be noted, whosever ledger they are in', async () => {
    const days = ['2026-11-17', '2026-11-18', DAY] as UtcDay[];
    const queued = days.flatMap((day) => [1, 2].map(() => ({ day, destinations: ['mailto:tls@good.example'] })));
    const sending = await Sending.with(...queued);
    let transmitted = 0;
    const notNoted: number[] = [];
    await sending.run(
      () => {
        const noted = days.flatMap((day) => sending.states(day)).filter((state) => state === 'delivered').length;
        notNoted.push(transmitted - noted);
        transmitted += 1;
        return DELIVERED;
      },
      { parallel: 2 },
    );
    expect(transmitted).toBe(6);
    expect(Math.max(...notNoted)).toBeLessThan(2);
  });

  it('that is refused is no reason not to make the others', async () => {
    const sending = await sendingTo(3);
    await sending.run(({ reportId }) => (reportId.startsWith('id-1') ? REFUSED : DELIVERED));
    expect(sending.states()).toEqual(['refused', 'delivered', 'delivered']);
  });

  it('that is not made needs no report, so it comes to its end also where that cannot be read', async () => {
    const sending = await Sending.with(
      { destinations: ['mailto:tls@suppressed.example'] },
      { destinations: ['mailto:tls@held-back.example'] },
      { destinations: ['mailto:tls@beyond-its-share.example'] },
    );
    sending.suppress({ address: 'mailto:tls@suppressed.example', untilMs: undefined });
    await damageOutbox(sending, "UPDATE reports SET content = x'ff'");
    const [transport] = await sending.run(DELIVERED, {
      whyHeldBack: ({ destination }) => (destination.includes('held-back') ? 'its contact is another' : undefined),
      maxPerDestination: 0,
    });
    expect(transport.attempts).toEqual([]);
    expect(sending.deliveries().map(({ state, lastResult }) => [state, lastResult])).toEqual([
      ['suppressed', 'the address is suppressed'],
      ['queued', 'held back: its contact is another'],
      ['queued', expect.stringMatching(/^put off/)],
    ]);
  });

  it('is refused without contacting anybody where the address can no longer be used', async () => {
    const sending = await Sending.with({ destinations: ['http://good.example/'] });
    const [transport] = await sending.run(DELIVERED);
    expect(transport.attempts).toEqual([]);
    expect(sending.deliveries()).toMatchObject([
      { state: 'refused', lastResult: 'http://good.example/ cannot be used: its scheme is neither mailto nor https' },
    ]);
  });
});

describe('After something that must not happen', () => {
  afterEach(healDisk);

  it('nothing more of a day is transmitted whose outcomes cannot be noted, and the other days go on', async () => {
    const sending = await sendingTo(10);
    sending.queue({ destinations: ['mailto:tls@other.example'], day: '2026-11-18' as UtcDay });
    const problems: Problem[] = [];
    const [transport, waiting] = await sending.run(
      (_report, to) => {
        if (to.uri.includes('tls-1@')) failDisk({ call: 'writeSync', errno: 'ENOSPC', path: newestJournal(sending) });
        return DELIVERED;
      },
      { parallel: 1, dayRefused: (problem) => problems.push(problem) },
    );
    expect(transport.attempts.map(([uri]) => uri).sort()).toEqual([
      'mailto:tls-0@good.example',
      'mailto:tls-1@good.example',
      'mailto:tls@other.example',
    ]);
    expect(problems.map(({ code }) => code)).toEqual(['disk-full']);
    expect(waiting).toBe(0);
    healDisk();
    expect(sending.states().filter((state) => state === 'delivered')).toHaveLength(1);
  });

  it('no report that was tried before is transmitted in every run of those that can note nothing', async () => {
    const sending = await sendingTo(10);
    await sending.run(DEFERRED);
    failDisk({ call: 'writeSync', errno: 'ENOSPC', path: '.journal' });
    const problems: Problem[] = [];
    const dayRefused = (problem: Problem): unknown => problems.push(problem);
    const transmitted: number[] = [];
    for (let run = 0; run < 3; run += 1) {
      const [transport] = await sending.run(DELIVERED, { evenIfNotDue: true, dayRefused });
      transmitted.push(transport.attempts.length);
    }
    expect(transmitted).toEqual([0, 0, 0]);
    expect(problems.map(({ code }) => code)).toEqual(['disk-full', 'disk-full', 'disk-full']);
  });

  it('what is under way comes to its end, and that is noted', async () => {
    const sending = await sendingTo(3);
    const slowly = async (): Promise<typeof DELIVERED> => {
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      return DELIVERED;
    };
    const whyHeldBack = ({ reportId }: { readonly reportId: string }): undefined => {
      if (reportId.startsWith('id-2')) throw new Problem('configuration-error', 'nobody could tell who sent it');
      return undefined;
    };
    await expect(sending.run(slowly, { parallel: 2, whyHeldBack })).rejects.toThrow('nobody could tell');
    expect(sending.states()).toEqual(['delivered', 'queued', 'queued']);
  });

  it('with one delivery, that one is tried again later, and all others are made', async () => {
    const sending = await sendingTo(3);
    sending.queue({ destinations: ['mailto:tls@other.example'], day: '2026-11-18' as UtcDay });
    const problems: Problem[] = [];
    const failing: Parameters<Sending['run']>[0] = ({ reportId }) => {
      if (reportId.startsWith('id-1')) throw new TypeError('x is not a function');
      return DELIVERED;
    };
    await sending.run(failing, { dayRefused: (problem) => problems.push(problem) });
    expect(sending.states()).toEqual(['deferred', 'delivered', 'delivered']);
    expect(sending.states('2026-11-18' as UtcDay)).toEqual(['delivered']);
    expect(sending.deliveries()[0]).toMatchObject({
      attempts: 1,
      lastResult: 'internal error: x is not a function',
      nextAttemptMs: START_MS + 60_000,
    });
    expect(problems.map(({ code }) => code)).toEqual(['internal-error']);
    expect(problems[0]?.message).toContain('id-1@sender.example');
  });

  it('with the row of one report, its delivery is left as it is, and all others are made', async () => {
    const sending = await sendingTo(3);
    await damageOutbox(sending, "UPDATE reports SET content = x'ff' WHERE report_id LIKE 'id-2@%'");
    const problems: Problem[] = [];
    const [, waiting] = await sending.run(DELIVERED, { dayRefused: (problem) => problems.push(problem) });
    expect([sending.states(), waiting]).toEqual([['delivered', 'queued', 'delivered'], 1]);
    expect(problems.map(({ code }) => code)).toEqual(['store-damaged']);
  });

  it('with the address of one report, which is another since a bit flipped, it goes nowhere', async () => {
    const sending = await sendingTo(3);
    const flip = "UPDATE deliveries SET destination = replace(destination, 'tls', 'tlr') WHERE number = 2";
    await damageOutbox(sending, flip);
    const problems: Problem[] = [];
    const [, waiting] = await sending.run(DELIVERED, { dayRefused: (problem) => problems.push(problem) });
    expect([sending.states(), waiting]).toEqual([['delivered', 'queued', 'delivered'], 1]);
    expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining('id-2@sender.example')]);
  });

  it('with noting the outcome of one delivery, that one is left as it was, and all others are made and noted', async () => {
    const sending = await sendingTo(10);
    await damageOutbox(sending, refuseToNote('NEW.report = 2'));
    const problems: Problem[] = [];
    const [transport, waiting] = await sending.run(DELIVERED, { dayRefused: (problem) => problems.push(problem) });
    expect(transport.attempts).toHaveLength(10);
    expect(sending.states().filter((state) => state !== 'delivered')).toEqual(['queued']);
    expect(waiting).toBe(1);
    expect(problems.map(({ code, message }) => [code, message])).toEqual([
      ['internal-error', expect.stringMatching(/^The outcome of the delivery of id-2@sender.example to mailto:tls-1@/)],
    ]);
  });

  it('with noting whatever outcome, the day ends before all of its reports are transmitted in every run', async () => {
    const sending = await sendingTo(40);
    await damageOutbox(sending, refuseToNote('true'));
    const codes = new Set<string>();
    const [transport, waiting] = await sending.run(DELIVERED, {
      parallel: 1,
      dayRefused: ({ code }) => codes.add(code),
    });
    expect(transport.attempts.length).toBeLessThan(10);
    expect(waiting).toBe(0);
    expect([...codes]).toEqual(['internal-error']);
  });

  it('with one day, the others go on', async () => {
    const sending = await sendingTo(3);
    const other = '2026-11-18' as UtcDay;
    sending.queue({ destinations: ['mailto:tls@other.example'], day: other });
    const problems: Problem[] = [];
    vi.spyOn(Outbox.prototype, 'countWaiting').mockImplementationOnce(() => {
      throw new TypeError('x is not a function');
    });
    await sending.run(DELIVERED, { dayRefused: (problem) => problems.push(problem) });
    vi.restoreAllMocks();
    expect([sending.states(), sending.states(other)].flat()).toEqual(Array(4).fill('delivered'));
    expect(problems.map(({ code }) => code)).toEqual(['internal-error']);
  });
});

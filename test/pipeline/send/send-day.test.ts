import { afterEach, describe, expect, it } from 'vitest';
import type { LogEvent } from '#events/event.ts';
import { sendDay } from '#pipeline/send/send-day.ts';
import type { SendDayOptions } from '#pipeline/send/send-day.ts';
import { DestinationBook } from '#pipeline/send/destination-book.ts';
import type { Outbox } from '#store/outbox.ts';
import type { OutboxContent } from '#store/read-outbox.ts';
import { Store } from '#store/store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { reportWithId } from '#test/contracts/report-transport.contract.ts';
import { failDisk, healDisk } from '#test/support/failing-disk.ts';
import { FakeReportTransport } from '#test/support/fake-report-transport.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const DAY = '2026-11-19' as UtcDay;
const NOW_MS = Date.UTC(2026, 10, 20, 6);

/** An outbox with one report to each of as many mailboxes. */
async function outboxWith(
  reports: number,
  destinationOf = (index: number) => `mailto:tls-${String(index)}@good.example`,
): Promise<{ outbox: Outbox; destinations: DestinationBook; read: () => OutboxContent | undefined }> {
  const store = await Store.open(scratchDirectory());
  const outbox = store.outboxes.open(DAY);
  outbox.save(
    Array.from({ length: reports }, (_, index) => ({
      outgoing: reportWithId(`id-${String(index)}@sender.example`),
      destinations: [destinationOf(index)],
      dueMs: NOW_MS,
    })),
  );
  const clock = { nowMs: () => NOW_MS };
  const destinations = new DestinationBook({ stored: store.destinations, clock, maxPerDestination: 1_000 });
  return { outbox, destinations, read: () => store.outboxes.read(DAY) };
}

function deliverersWith(
  transport: FakeReportTransport,
  destinations: DestinationBook,
  options: Partial<SendDayOptions> = {},
): SendDayOptions {
  return {
    transports: { mailto: transport, https: transport, directory: transport },
    destinations,
    refuseUnsendable: () => undefined,
    whyHeldBack: () => undefined,
    noteProgress: () => undefined,
    clock: { nowMs: () => NOW_MS },
    random: () => 0.5,
    log: () => undefined,
    parallel: 3,
    parallelPerHost: 3,
    ...options,
  };
}

describe('sendDay', () => {
  it('marks the transmission of reports as started before it transmits the first', async () => {
    const { outbox, destinations } = await outboxWith(3);
    const marks: (boolean | undefined)[] = [];
    const transport = new FakeReportTransport(({ reportId }) => {
      marks.push(outbox.report(reportId)?.transmissionStarted);
      return { kind: 'delivered', reply: '250 Ok' };
    });
    await sendDay(outbox, [outbox.deliveries()], deliverersWith(transport, destinations));
    expect(marks).toEqual([true, true, true]);
    outbox.close();
  });

  it('has no more deliveries under way than it may', async () => {
    const { outbox, destinations } = await outboxWith(10);
    const transport = new FakeReportTransport(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return { kind: 'delivered', reply: '250 Ok' };
    });
    await sendDay(outbox, [outbox.deliveries()], deliverersWith(transport, destinations, { parallel: 3 }));
    expect(transport.accepted).toHaveLength(10);
    expect(transport.mostAtOnce).toBe(3);
    outbox.close();
  });

  it('notes each outcome as soon as it is known, so that a crash forgets only what is under way', async () => {
    const { outbox, destinations, read } = await outboxWith(4);
    const deliveredBefore: number[] = [];
    const transport = new FakeReportTransport(() => {
      deliveredBefore.push(read()?.deliveries.filter(({ state }) => state === 'delivered').length ?? -1);
      return { kind: 'delivered', reply: '250 Ok' };
    });
    await sendDay(outbox, [outbox.deliveries()], deliverersWith(transport, destinations, { parallel: 1 }));
    expect(deliveredBefore).toEqual([0, 1, 2, 3]);
    outbox.close();
  });

  it('tells of an outcome only once it is in the ledger', async () => {
    const { outbox, destinations } = await outboxWith(1);
    const logged: (readonly [string, string | undefined])[] = [];
    const log = ({ name }: LogEvent): void => {
      logged.push([name, outbox.deliveries()[0]?.state]);
    };
    await sendDay(outbox, [outbox.deliveries()], deliverersWith(new FakeReportTransport(), destinations, { log }));
    expect(logged).toEqual([['report-delivered', 'delivered']]);
    outbox.close();
  });

  it('takes the time of an attempt before it, and of the next one after it', async () => {
    const { outbox, destinations } = await outboxWith(1);
    let nowMs = NOW_MS;
    const transport = new FakeReportTransport(() => {
      nowMs += 45_000;
      return { kind: 'deferred', reply: 'no answer' };
    });
    await sendDay(
      outbox,
      [outbox.deliveries()],
      deliverersWith(transport, destinations, { clock: { nowMs: () => nowMs } }),
    );
    expect(outbox.deliveries()).toMatchObject([{ firstAttemptMs: NOW_MS, nextAttemptMs: NOW_MS + 105_000 }]);
    outbox.close();
  });

  it('goes on with the others after one was refused', async () => {
    const { outbox, destinations } = await outboxWith(3);
    const transport = new FakeReportTransport(({ reportId }) =>
      reportId.startsWith('id-0') ? { kind: 'refused', reply: '550 no' } : { kind: 'delivered', reply: '250 Ok' },
    );
    await sendDay(outbox, [outbox.deliveries()], deliverersWith(transport, destinations));
    expect(outbox.deliveries().map(({ state }) => state)).toEqual(['refused', 'delivered', 'delivered']);
    outbox.close();
  });

  it('refuses an address that can no longer be used, without contacting it', async () => {
    const { outbox, destinations } = await outboxWith(1, () => 'http://good.example/');
    const transport = new FakeReportTransport();
    await sendDay(outbox, [outbox.deliveries()], deliverersWith(transport, destinations));
    expect(transport.attempts).toEqual([]);
    expect(outbox.deliveries()).toMatchObject([
      { state: 'refused', lastResult: 'http://good.example/ cannot be used: its scheme is neither mailto nor https' },
    ]);
    outbox.close();
  });
});

describe('sendDay after something that must not happen', () => {
  afterEach(healDisk);

  it('transmits nothing more once an outcome could not be noted', async () => {
    const { outbox, destinations } = await outboxWith(10);
    const transport = new FakeReportTransport(() => {
      if (transport.attempts.length === 2) failDisk({ call: 'writeSync', errno: 'ENOSPC', path: '.journal' });
      return { kind: 'delivered', reply: '250 Ok' };
    });
    const sent = sendDay(outbox, [outbox.deliveries()], deliverersWith(transport, destinations, { parallel: 1 }));
    await expect(sent).rejects.toMatchObject({ code: 'disk-full' });
    expect(transport.attempts).toHaveLength(2);
    outbox.close();
  });

  it('waits for the deliveries that are under way and notes how they end', async () => {
    const { outbox, destinations } = await outboxWith(3);
    const transport = new FakeReportTransport(async ({ reportId }) => {
      if (reportId.startsWith('id-0')) throw new Error('a bug');
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
      return { kind: 'delivered', reply: '250 Ok' };
    });
    const sent = sendDay(outbox, [outbox.deliveries()], deliverersWith(transport, destinations, { parallel: 2 }));
    await expect(sent).rejects.toThrow('a bug');
    expect(outbox.deliveries().map(({ state }) => state)).toEqual(['queued', 'delivered', 'queued']);
    outbox.close();
  });
});

import { describe, expect, it } from 'vitest';
import type { DeliveryOutcome } from '#pipeline/send/report-transport.ts';
import type { Destination } from '#tlsrpt/destination.ts';
import { DELIVERED, Sending, START_MS } from '#test/support/sending.ts';

const DAY_MS = 86_400_000;

function refusal(reply: string, whose: 'ours' | 'unclear'): DeliveryOutcome {
  return { kind: 'refused', reply, whose };
}

/** With a mail to each of so many domains. */
async function mailsTo(domains: number): Promise<Sending> {
  return Sending.with(
    ...Array.from({ length: domains }, (_, index) => ({ destinations: [`mailto:tls@host-${String(index)}.example`] })),
  );
}

describe('A refusal by our own mail server', () => {
  it('that is about us defers the report, is held against nobody, and is warned about', async () => {
    const sending = await mailsTo(2);
    const [, waiting] = await sending.run(refusal('550 5.7.1 relaying denied', 'ours'));
    expect([sending.states(), waiting]).toEqual([['deferred', 'deferred'], 2]);
    expect(sending.known()).toMatchObject({ suppressions: [], refusals: [] });
    expect(sending.logged.filter(({ name }) => name === 'mail-server-refuses')).toMatchObject([
      { level: 'warning', facts: { refused: 2, reply: '550 5.7.1 relaying denied' } },
    ]);
  });

  it('that is about us suppresses nobody, however many days it lasts', async () => {
    const sending = await mailsTo(0);
    for (let day = 0; day < 5; day += 1) {
      sending.queue({ destinations: ['mailto:tls@good.example'], dueMs: sending.nowMs });
      await sending.run(refusal('550 5.7.1 relaying denied', 'ours'));
      sending.nowMs += DAY_MS;
    }
    expect(sending.known().suppressions).toEqual([]);
    sending.queue({ destinations: ['mailto:tls@good.example'], dueMs: sending.nowMs });
    const [transport] = await sending.run(DELIVERED);
    expect(transport.accepted).toContain('id-6@sender.example');
  });

  it('that it says of many domains is about us, whatever it repeats of each mail', async () => {
    const sending = await mailsTo(5);
    await sending.run(({ reportId }, to: Destination) =>
      refusal(
        `550 <${to.uri.slice('mailto:'.length)}> not here (${reportId.slice(0, 2)}, queue id 4F9AB12)`,
        'unclear',
      ),
    );
    expect(sending.states()).toEqual(Array(5).fill('deferred'));
    expect(sending.known().refusals).toEqual([]);
  });

  it.each([
    ['a short number', (mail: number) => `550 administrative prohibition (session ${String(mail + 17)})`],
    [
      'the time in milliseconds',
      (mail: number) =>
        `550 5.7.708 Service unavailable [relay.example 2026-11-28T20:41:27.${String(mail + 123)}Z 08DE2E${String(mail)}]`,
    ],
  ])('with %s in it is the same of many domains', async (_what, replyTo) => {
    const sending = await mailsTo(5);
    let mail = 0;
    await sending.run(() => refusal(replyTo((mail += 1)), 'unclear'));
    expect(sending.states()).toEqual(Array(5).fill('deferred'));
  });

  it('with another code is another refusal', async () => {
    const sending = await mailsTo(4);
    let mail = 0;
    await sending.run(() => refusal(`55${String((mail += 1) % 2)} go away`, 'unclear'));
    expect(sending.states()).toEqual(Array(4).fill('refused'));
  });

  it('that it says of one or two domains is about them, and noted in the end', async () => {
    const sending = await mailsTo(4);
    await sending.run((_report, to) => {
      if (to.uri.includes('host-3')) return DELIVERED;
      return refusal(to.uri.includes('host-2') ? '554 something else' : '550 go away', 'unclear');
    });
    expect(sending.states()).toEqual(['refused', 'refused', 'refused', 'delivered']);
    expect(sending.known().refusals).toMatchObject(Array(3).fill({ days: 1 }));
    expect(sending.eventNames()).not.toContain('mail-server-refuses');
  });

  it('that is not clear is noted also when the run is told to stop', async () => {
    const sending = await mailsTo(3);
    const stop = new AbortController();
    await sending.run(
      () => {
        stop.abort();
        return refusal('550 go away', 'unclear');
      },
      { parallel: 1, stopping: stop.signal },
    );
    expect(sending.deliveries()).toMatchObject([
      { state: 'refused', lastResult: '550 go away', firstAttemptMs: START_MS },
      { state: 'queued' },
      { state: 'queued' },
    ]);
  });
});

describe('What our own mail server puts off', () => {
  const LATER: DeliveryOutcome = { kind: 'deferred', reply: '450 4.7.1 later' };
  const warningsOf = ({ logged }: Sending): string[] =>
    logged.filter(({ level }) => level === 'warning').map(({ name }) => name);

  it('with the same words for many domains is told of once', async () => {
    const sending = await mailsTo(5);
    await sending.run(LATER);
    expect(warningsOf(sending)).toEqual(['mail-server-refuses']);
    expect(sending.logged).toContainEqual(
      expect.objectContaining({ name: 'mail-server-refuses', facts: { refused: 5, reply: '450 4.7.1 later' } }),
    );
    expect(sending.states()).toEqual(Array(5).fill('deferred'));
  });

  it('for one or two domains is told of each, in the end', async () => {
    const sending = await mailsTo(3);
    await sending.run((_report, to) => (to.uri.includes('host-2') ? DELIVERED : LATER));
    expect(warningsOf(sending)).toEqual(['report-deferred', 'report-deferred']);
  });
});

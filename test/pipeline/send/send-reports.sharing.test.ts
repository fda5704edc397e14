/**
 * Deliveries that several reporters share.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { DeliverySharing } from '#pipeline/send/delivery-sharing.ts';
import type { Problem } from '#support/problem.ts';
import type { Delivery } from '#tlsrpt/delivery.ts';
import { failDisk, healDisk } from '#test/support/failing-disk.ts';
import { DEFERRED, DELIVERED, MAIL, Sending } from '#test/support/sending.ts';

class Sharing implements DeliverySharing {
  readonly told: (readonly [policyDomain: string, state: string])[] = [];
  readonly theirs: ReadonlySet<string>;
  /** Awaited before anything is known to be told. */
  telling: Promise<void> = Promise.resolve();

  constructor(...theirs: readonly string[]) {
    this.theirs = new Set(theirs);
  }

  isOurs({ policyDomain }: Delivery): Promise<boolean> {
    return Promise.resolve(!this.theirs.has(policyDomain));
  }

  noted({ policyDomain, state }: Delivery): Promise<void> {
    this.told.push([policyDomain, state]);
    return this.telling;
  }
}

function sendingFor(...names: readonly string[]): Promise<Sending> {
  return Sending.with(...names.map((name) => ({ destinations: [MAIL], policyDomain: `${name}.example` })));
}

describe('Sending what is shared', () => {
  it('leaves alone what another reporter may deliver', async () => {
    const sending = await sendingFor('a', 'b');
    const [transport, waiting] = await sending.run(DELIVERED, { sharing: new Sharing('a.example') });
    expect([transport.attempts.length, waiting, sending.states()]).toEqual([1, 1, ['queued', 'delivered']]);
  });

  it('tells what became of each delivery', async () => {
    const [sending, sharing] = [await sendingFor('a', 'b'), new Sharing()];
    let answers = 0;
    await sending.run(() => ((answers += 1) === 1 ? DELIVERED : DEFERRED), { sharing });
    expect(sharing.told.map(([, state]) => state).sort()).toEqual(['deferred', 'delivered']);
  });

  it('tells what became of those that were under way when the disk was full, as whoever takes over would deliver them again', async () => {
    const [sending, sharing] = [await sendingFor('a', 'b', 'c'), new Sharing()];
    const problems: Problem[] = [];
    const deliver = (): typeof DELIVERED => {
      failDisk({ call: 'writeSync', errno: 'ENOSPC', path: '.journal' });
      return DELIVERED;
    };
    onTestFinished(healDisk);
    await sending.run(deliver, { sharing, parallel: 1, dayRefused: (problem) => problems.push(problem) });
    healDisk();
    expect(problems.map(({ code }) => code)).toContain('disk-full');
    expect(sharing.told.map(([, state]) => state)).toEqual(['delivered']);
    expect(sending.states()).toEqual(['queued', 'queued', 'queued']);
  });

  it('has no more under way at once than may be, until the others know what became of it', async () => {
    const [sending, sharing] = [await sendingFor('a', 'b', 'c', 'd'), new Sharing()];
    let tell = (): void => undefined;
    sharing.telling = new Promise((resolve) => {
      tell = resolve;
    });
    const running = sending.run(DELIVERED, { sharing, parallel: 2 });
    await vi.waitUntil(() => sharing.told.length >= 2);
    await sleep(100);
    const toldAtMost = sharing.told.length;
    tell();
    await running;
    expect([toldAtMost, sharing.told.length]).toEqual([2, 4]);
  });

  it('delivers what is meant alone, and counts it under the name that it is given', async () => {
    const sending = await sendingFor('a', 'b');
    await sending.run(DELIVERED, { isMeant: (domain) => domain === 'b.example', countedAs: 'elsewhere' });
    expect(sending.states()).toEqual(['queued', 'delivered']);
    await sending.run(DELIVERED);
    expect(sending.reportsToday()).toEqual({ 'good.example': 3 }); // what is in the outbox counts under its own name as well
  });
});

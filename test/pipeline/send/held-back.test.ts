import { describe, expect, it } from 'vitest';
import { heldBack } from '#pipeline/send/held-back.ts';
import { DELIVERED, Sending } from '#test/support/sending.ts';

describe('A delivery that is held back', () => {
  it('waits for an hour with the reason, and no attempt is counted', async () => {
    const sending = await Sending.with({ destinations: ['mailto:tls@good.example'] });
    const [delivery] = sending.deliveries();
    if (!delivery) throw new Error('one delivery was queued');
    expect(heldBack(delivery, { why: 'no key', nowMs: 5_000 })).toEqual({
      reportId: delivery.reportId,
      destination: delivery.destination,
      state: 'queued',
      attempts: 0,
      firstAttemptMs: undefined,
      lastResult: 'held back: no key',
      nextAttemptMs: 3_605_000,
    });
  });

  it('keeps no other from being made, and is made once nothing holds it back', async () => {
    const sending = await Sending.with(
      { destinations: ['mailto:tls@good.example'], policyDomain: 'old.example' },
      { destinations: ['mailto:tls@good.example'] },
    );
    const whyHeldBack = ({ policyDomain }: { policyDomain: string }): string | undefined =>
      policyDomain === 'old.example' ? 'no key' : undefined;
    const [first, waiting] = await sending.run(DELIVERED, { whyHeldBack });
    expect([first.accepted.length, waiting]).toEqual([1, 1]);
    expect(sending.states()).toEqual(['delivered', 'queued']);
    expect(sending.eventNames()).toEqual(['report-held-back', 'report-delivered']);
    sending.nowMs += 3_600_000;
    await sending.run(DELIVERED);
    expect(sending.states()).toEqual(['delivered', 'delivered']);
  });
});

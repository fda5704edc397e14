import { describe, expect, it } from 'vitest';
import { dueDeliveries } from '#pipeline/send/due-deliveries.ts';
import { DELIVERED, MAIL, Sending, START_MS, WEB } from '#test/support/sending.ts';

const HOUR_MS = 3_600_000;

describe('dueDeliveries', () => {
  it('is what a run would attempt, and changes nothing', async () => {
    const sending = await Sending.with(
      { destinations: [MAIL, WEB] },
      { destinations: ['mailto:later@good.example'], dueMs: START_MS + 1 },
    );
    sending.suppress({ address: MAIL, untilMs: undefined });
    const before = sending.deliveries();
    expect(dueDeliveries(sending.options()).map(({ destination }) => destination)).toEqual([WEB]);
    expect(sending.deliveries()).toEqual(before);
    const [transport] = await sending.run(DELIVERED);
    expect(transport.attempts.map(([uri]) => uri)).toEqual([WEB]);
  });

  it('includes what is not due yet when asked to', async () => {
    const sending = await Sending.with({ destinations: [MAIL], dueMs: START_MS + HOUR_MS });
    expect(dueDeliveries({ ...sending.options(), evenIfNotDue: true })).toHaveLength(1);
  });
});

import { describe, expect, it } from 'vitest';
import { DEFERRED, DELIVERED, MAIL, Sending, START_MS, WEB } from '#test/support/sending.ts';

const HOUR_MS = 3_600_000;

describe('a suppressed address', () => {
  it('gets nothing, and the delivery is over', async () => {
    const sending = await Sending.with({ destinations: [MAIL, WEB] });
    sending.suppress({ address: MAIL, untilMs: undefined });
    const [transport, waiting] = await sending.run(DELIVERED);
    expect(transport.attempts.map(([uri]) => uri)).toEqual([WEB]);
    expect(waiting).toBe(0);
    expect(sending.deliveries()).toMatchObject([
      { state: 'suppressed', attempts: 0, firstAttemptMs: undefined, lastResult: 'the address is suppressed' },
      { state: 'delivered' },
    ]);
    expect(sending.eventNames()).toEqual(['report-suppressed', 'report-delivered']);
  });

  it.each([
    ['until later', START_MS + 1, 'suppressed'],
    ['until now', START_MS, 'delivered'],
    ['until yesterday', START_MS - 24 * HOUR_MS, 'delivered'],
  ])('is one only until its time is over: %s', async (_, untilMs, state) => {
    const sending = await Sending.with({ destinations: [MAIL] });
    sending.suppress({ address: MAIL, untilMs });
    await sending.run(DELIVERED);
    expect(sending.states()).toEqual([state]);
  });

  it('is one however the record writes it', async () => {
    const sending = await Sending.with({
      destinations: ['mailto:tls@GOOD.example', 'mailto:t%6cs@good.example', 'https://Good.example:443/r'],
    });
    sending.suppress({ address: MAIL, untilMs: undefined });
    sending.suppress({ address: WEB, untilMs: undefined });
    const [transport] = await sending.run(DELIVERED);
    expect(transport.attempts).toEqual([]);
    expect(sending.states()).toEqual(['suppressed', 'suppressed', 'suppressed']);
  });

  it('does not count as transmitted, so its report may still be built anew', async () => {
    const sending = await Sending.with({ destinations: [MAIL] }, { destinations: [WEB] });
    sending.suppress({ address: MAIL, untilMs: undefined });
    await sending.run(DELIVERED);
    expect(sending.transmissionStarted('id-1@sender.example')).toBe(false);
    expect(sending.transmissionStarted('id-2@sender.example')).toBe(true);
  });

  it('keeps what was known of it', async () => {
    const sending = await Sending.with({ destinations: [MAIL] });
    await sending.run(DEFERRED);
    sending.suppress({ address: MAIL, untilMs: undefined });
    sending.nowMs += HOUR_MS;
    await sending.run(DELIVERED);
    expect(sending.deliveries()).toMatchObject([{ state: 'suppressed', attempts: 1, firstAttemptMs: START_MS }]);
    expect(sending.known().results).toMatchObject([{ state: 'deferred' }]);
  });
});

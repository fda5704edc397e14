import { describe, expect, it } from 'vitest';
import type { DeliveryOutcome } from '#pipeline/send/report-transport.ts';
import { SilentReceivers } from '#pipeline/send/silent-receivers.ts';

const TIMEOUT_MS = 60_000;
const NO_ANSWER: DeliveryOutcome = { kind: 'deferred', reply: 'no answer' };
const OURS: DeliveryOutcome = { kind: 'deferred', reply: 'no greeting', isOurs: true };
const WEB = { way: 'https', host: 'good.example' };
const MAIL = { way: 'mailto', host: 'good.example' };
const OTHER_MAIL = { way: 'mailto', host: 'other.example' };

/** After so many attempts that ended alike. */
function after(attempts: number, receiver: typeof WEB, outcome: DeliveryOutcome, tookMs = TIMEOUT_MS): SilentReceivers {
  const silent = new SilentReceivers(() => TIMEOUT_MS);
  for (let attempt = 0; attempt < attempts; attempt += 1) silent.note({ receiver, outcome, tookMs });
  return silent;
}

describe('A receiver', () => {
  it('is silent after ten time-outs in a row', () => {
    expect(after(9, WEB, NO_ANSWER).leaves(WEB)).toBe(false);
    const silent = after(10, WEB, NO_ANSWER);
    expect([silent.leaves(WEB), silent.leaves(WEB), silent.leaves({ ...WEB, host: 'other.example' })]).toEqual([
      true,
      true,
      false,
    ]);
    expect([...silent.left]).toEqual([['good.example', 2]]);
  });

  it.each<[string, DeliveryOutcome, number]>([
    ['took a report', { kind: 'delivered', reply: 'HTTP 200' }, TIMEOUT_MS],
    ['refused one', { kind: 'refused', reply: 'HTTP 404' }, TIMEOUT_MS],
    ['put one off at once', { kind: 'deferred', reply: 'HTTP 429' }, 10],
  ])('is not silent that %s in between', (_what, outcome, tookMs) => {
    const silent = after(9, WEB, NO_ANSWER);
    silent.note({ receiver: WEB, outcome, tookMs });
    silent.note({ receiver: WEB, outcome: NO_ANSWER, tookMs: TIMEOUT_MS });
    expect(silent.leaves(WEB)).toBe(false);
  });
});

describe('Each way out', () => {
  it('has the silence of its own time-out', () => {
    const silent = new SilentReceivers((way) => (way === 'https' ? 1_000 : TIMEOUT_MS));
    for (const receiver of [WEB, MAIL])
      for (let attempt = 0; attempt < 10; attempt += 1) silent.note({ receiver, outcome: NO_ANSWER, tookMs: 1_000 });
    expect([silent.leaves(WEB), silent.leaves(MAIL)]).toEqual([true, false]);
  });
});

describe('Our own mail server', () => {
  it('that is silent leaves all mails, and no receiver is blamed', () => {
    const silent = after(10, MAIL, OURS);
    expect([silent.leaves(OTHER_MAIL), silent.leaves(WEB)]).toEqual([true, false]);
    expect([...silent.left]).toEqual([['our own mail server', 1]]);
  });

  it('that is slow about one domain leaves the mails to that domain', () => {
    const silent = after(10, MAIL, NO_ANSWER);
    expect([silent.leaves(MAIL), silent.leaves(OTHER_MAIL)]).toEqual([true, false]);
  });
});

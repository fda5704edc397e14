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

  it.each<[string, DeliveryOutcome]>([
    ['takes a report', { kind: 'delivered', reply: 'HTTP 200' }],
    ['refuses one', { kind: 'refused', reply: 'HTTP 404' }],
  ])('is as good as silent that %s only after a long time, again and again', (_what, outcome) => {
    expect([after(9, WEB, outcome).leaves(WEB), after(10, WEB, outcome).leaves(WEB)]).toEqual([false, true]);
  });

  it.each<[string, DeliveryOutcome, number]>([
    ['took a report', { kind: 'delivered', reply: 'HTTP 200' }, 10],
    ['refused one', { kind: 'refused', reply: 'HTTP 404' }, 10],
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

describe('Hosts below one domain', () => {
  const below = (name: string): typeof WEB => ({ way: 'https', host: `${name}.wild.example` });

  /** Of which one has answered, and so many were silent once. */
  function withSilent(hosts: number): SilentReceivers {
    const silent = new SilentReceivers(() => TIMEOUT_MS);
    for (let host = 0; host < hosts; host += 1)
      silent.note({ receiver: below(String(host)), outcome: NO_ANSWER, tookMs: TIMEOUT_MS });
    silent.note({ receiver: below('good'), outcome: { kind: 'delivered', reply: 'HTTP 200' }, tookMs: 10 });
    return silent;
  }

  it('are left once ten of them were silent, however many there are, but for those that answered', () => {
    expect(withSilent(9).leaves(below('next'))).toBe(false);
    const silent = withSilent(10);
    expect(['next', 'other', 'good'].map((name) => silent.leaves(below(name)))).toEqual([true, true, false]);
    expect([silent.leaves(WEB), silent.leaves({ ...WEB, host: 'wild.example' })]).toEqual([false, true]);
    expect([...silent.left]).toEqual([['wild.example, with the hosts below it,', 3]]);
  });

  it('do not count more than once, nor when they answer later', () => {
    const silent = withSilent(9);
    silent.note({ receiver: below('1'), outcome: NO_ANSWER, tookMs: TIMEOUT_MS });
    silent.note({ receiver: below('2'), outcome: { kind: 'deferred', reply: 'HTTP 503' }, tookMs: 10 });
    silent.note({ receiver: below('9'), outcome: NO_ANSWER, tookMs: TIMEOUT_MS });
    expect(silent.leaves(below('next'))).toBe(false);
  });

  it.each([
    ['IPv4', (host: number) => `192.0.2.${String(host)}`],
    ['IPv6', (host: number) => `[2001:db8::${String(host)}]`],
  ])('are like addresses of %s in place of a name', (_family, address) => {
    const silent = new SilentReceivers(() => TIMEOUT_MS);
    for (let host = 0; host < 10; host += 1)
      silent.note({ receiver: { way: 'https', host: address(host) }, outcome: NO_ANSWER, tookMs: TIMEOUT_MS });
    expect([silent.leaves({ way: 'https', host: '198.51.100.1' }), silent.leaves(WEB)]).toEqual([true, false]);
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

  it('that takes its time and takes the mails is not silent', () => {
    expect(after(10, MAIL, { kind: 'delivered', reply: '250 Ok' }).leaves(MAIL)).toBe(false);
  });

  it('that is silent about one domain after the other leaves all mails', () => {
    const silent = new SilentReceivers(() => TIMEOUT_MS);
    for (let domain = 0; domain < 10; domain += 1)
      silent.note({
        receiver: { way: 'mailto', host: `host-${String(domain)}.example` },
        outcome: NO_ANSWER,
        tookMs: TIMEOUT_MS,
      });
    expect(silent.leaves(OTHER_MAIL)).toBe(true);
    expect([...silent.left]).toEqual([['our own mail server', 1]]);
  });

  it('that is silent now before it hears of a mail and now after that is silent all the same', () => {
    const silent = after(5, MAIL, OURS);
    for (const host of ['a.example', 'b.example', 'c.example', 'd.example', 'e.example'])
      silent.note({ receiver: { way: 'mailto', host }, outcome: NO_ANSWER, tookMs: TIMEOUT_MS });
    expect(silent.leaves(OTHER_MAIL)).toBe(true);
  });

  it('that is silent about names below one domain takes other mails', () => {
    const silent = new SilentReceivers(() => TIMEOUT_MS);
    for (let name = 0; name < 20; name += 1) {
      const receiver = { way: 'mailto', host: `${String(name)}.wild.example` };
      silent.note({ receiver, outcome: NO_ANSWER, tookMs: TIMEOUT_MS });
    }
    expect([silent.leaves(MAIL), silent.leaves({ way: 'mailto', host: 'next.wild.example' })]).toEqual([false, true]);
  });

  it('that answers about some domain is not silent', () => {
    const silent = after(9, MAIL, OURS);
    silent.note({ receiver: OTHER_MAIL, outcome: { kind: 'delivered', reply: '250 Ok' }, tookMs: 10 });
    silent.note({ receiver: MAIL, outcome: OURS, tookMs: TIMEOUT_MS });
    expect(silent.leaves(MAIL)).toBe(false);
  });
});

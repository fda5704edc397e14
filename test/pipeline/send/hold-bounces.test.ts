import { describe, expect, it } from 'vitest';
import { BounceTokens } from '#pipeline/send/bounce-tokens.ts';
import { NotedBounces } from '#pipeline/send/noted-bounces.ts';
import { shortDigest } from '#support/short-digest.ts';
import { MAILBOX_DIGEST_LENGTH, reportMessageId } from '#tlsrpt/report-mail.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';
import type { Bounce } from '#tlsrpt/bounce.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { DAY, DELIVERED, MAIL, REFUSED, Sending, START_MS } from '#test/support/sending.ts';

const DAY_MS = 86_400_000;
const MAILBOX = MAIL.slice('mailto:'.length);

interface Told {
  readonly status?: string;
  /** By what it is found. */
  readonly by?: 'token' | 'message-id';
  /** Whom the notice names. */
  readonly recipients?: readonly string[];
}

function dayOf(index: number): UtcDay {
  return daysBefore(DAY, -index);
}

function reportIdOf(index: number): string {
  return `${dayOf(index)}.good.example.${'0'.repeat(32)}@sender.example`;
}

/** A report each day, at the same hour, to an address of which the mails come back, or not. */
class Days {
  readonly sending: Sending;

  private constructor(sending: Sending) {
    this.sending = sending;
  }

  static async begin(): Promise<Days> {
    const sending = await Sending.with();
    sending.store.bounceKey();
    return new Days(sending);
  }

  /** The state of the delivery then. */
  async deliver(index: number, outcome = DELIVERED): Promise<string | undefined> {
    this.sending.nowMs = START_MS + index * DAY_MS;
    this.sending.queue({ destinations: [MAIL], day: dayOf(index), reportId: reportIdOf(index), dueMs: 0 });
    await this.sending.run(outcome);
    return this.sending.states(dayOf(index))[0];
  }

  /** Bounces of the mails of these days, read together. */
  async bounce(
    indexes: readonly number[],
    { status = '5.1.1', by = 'token', recipients = [MAILBOX] }: Told = {},
  ): Promise<void> {
    const { store, logged, nowMs } = this.sending;
    const noted = new NotedBounces({
      store,
      clock: { nowMs: () => nowMs },
      log: (event) => logged.push(event),
      note: (problem) => {
        throw problem;
      },
    });
    const tokens = new BounceTokens(store.bounceKey());
    for (const index of indexes) {
      const reportId = reportIdOf(index);
      const token = tokens.of({ day: dayOf(index), number: 1 }, { reportId, destination: MAIL });
      const digest = shortDigest(MAILBOX, MAILBOX_DIGEST_LENGTH);
      const bounce: Bounce = {
        action: 'failed',
        status,
        words: `550 ${status} no`,
        recipients,
        tokens: by === 'token' ? [token] : [],
        messageIds: [reportMessageId({ reportId, submitterDomain: 'sender.example' }, digest)],
        identity: String(index),
      };
      await noted.add({ source: 'a mail', bounce });
    }
    await noted.finish();
    expect(noted.counts).toMatchObject({ noted: indexes.length });
  }

  /** For how many days from now on the address is suppressed. */
  suppressedDays(): number | undefined {
    const [suppression] = this.sending.known().suppressions;
    return suppression?.untilMs === undefined ? undefined : (suppression.untilMs - this.sending.nowMs) / DAY_MS;
  }

  async deliverAndBounce(first: number, last: number, told?: Told): Promise<void> {
    for (let index = first; index <= last; index += 1) {
      expect(await this.deliver(index)).toBe('delivered');
      await this.bounce([index], told);
    }
  }
}

describe('An address of which mails come back', () => {
  it('on three days in a row is suppressed for a week, though our own mail server takes each, and then for two', async () => {
    const days = await Days.begin();
    await days.deliverAndBounce(0, 1);
    expect(days.suppressedDays()).toBeUndefined();
    await days.deliverAndBounce(2, 2);
    expect(days.suppressedDays()).toBe(7);
    expect(days.sending.known().suppressions[0]?.reason).toMatch(/came back.* on 3 days in a row, .*: 550 5\.1\.1 no$/);
    expect(days.sending.eventNames()).toContain('destination-suppressed');
    expect(await days.deliver(3)).toBe('suppressed');
    await days.deliverAndBounce(10, 12);
    expect(days.suppressedDays()).toBe(14);
    expect(days.sending.known().results).toMatchObject([{ address: MAIL, state: 'bounced', result: '550 5.1.1 no' }]);
  });

  it('is one as others again when none comes back for five days', async () => {
    const days = await Days.begin();
    await days.deliverAndBounce(0, 2);
    for (let index = 10; index <= 14; index += 1) await days.deliver(index);
    expect(days.sending.known().refusals).toMatchObject([{ suppressedTimes: 1, takenSince: '2026-11-30' }]);
    await days.deliver(15);
    expect(days.sending.known()).toMatchObject({ refusals: [], suppressions: [] });
    await days.deliverAndBounce(16, 18);
    expect(days.suppressedDays()).toBe(7);
  });

  it('is none as others when one comes back within five days', async () => {
    const days = await Days.begin();
    await days.deliverAndBounce(0, 2);
    for (let index = 10; index <= 13; index += 1) await days.deliver(index);
    await days.bounce([13]);
    for (let index = 14; index <= 18; index += 1) await days.deliver(index);
    expect(days.sending.known().refusals).toMatchObject([{ suppressedTimes: 1, takenSince: '2026-12-04' }]);
  });

  it('is suppressed once for all of a mailbox that is read late, whatever the order of the mails', async () => {
    const days = await Days.begin();
    for (let index = 0; index <= 6; index += 1) await days.deliver(index);
    await days.bounce([6, 2, 0, 4, 1, 5, 3]);
    expect(days.suppressedDays()).toBe(7);
    expect(days.sending.known().refusals).toMatchObject([{ days: 0, suppressedTimes: 1 }]);
  });

  it('and which refuses on other days is suppressed by the same count', async () => {
    const days = await Days.begin();
    await days.deliverAndBounce(0, 1);
    await days.deliver(2, REFUSED);
    expect(days.suppressedDays()).toBe(7);
  });

  it.each<[string, Told]>([
    ['as something is against who sends', { status: '5.7.26' }],
    ['as the time ran out', { status: '4.4.7' }],
    ['as anybody says who knows the report', { by: 'message-id' }],
    ['as a member behind it, who alone is named, did not get them', { recipients: ['member@other.example'] }],
  ])('%s gets further ones', async (_, told) => {
    const days = await Days.begin();
    await days.deliverAndBounce(0, 5, told);
    expect(days.sending.known()).toMatchObject({ refusals: [], suppressions: [] });
    expect(days.sending.states(dayOf(5))).toEqual(['bounced']);
  });

  it('is suppressed also where the notices name nobody', async () => {
    const days = await Days.begin();
    await days.deliverAndBounce(0, 2, { recipients: [] });
    expect(days.suppressedDays()).toBe(7);
  });

  it('gets none, or all, when the operator says so', async () => {
    const days = await Days.begin();
    days.sending.suppress({ address: MAIL, untilMs: undefined });
    await days.sending.store.destinations.changeInTurn((stored) => {
      stored.endSuppression(MAIL);
    });
    await days.deliverAndBounce(0, 2);
    await days.sending.store.destinations.changeInTurn((stored) => {
      stored.endSuppression(MAIL);
    });
    expect(await days.deliver(3)).toBe('delivered');
    days.sending.suppress({ address: MAIL, untilMs: undefined });
    await days.bounce([3]);
    expect(days.sending.known().suppressions).toEqual([{ address: MAIL, untilMs: undefined, reason: undefined }]);
  });
});

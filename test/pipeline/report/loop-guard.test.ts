import { describe, expect, it } from 'vitest';
import { isOnlyReportMails, reportMailsOn } from '#pipeline/report/loop-guard.ts';
import type { DomainSessions } from '#pipeline/report/day-sessions.ts';
import type { PolicyType } from '#tlsrpt/policy-type.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { NEW_POLICY_TYPE } from '#test/support/generated-tallies.ts';
import { DAY, DEFERRED, DELIVERED, Sending, START_MS } from '#test/support/sending.ts';

const A_DAY_MS = 86_400_000;

function mailsOn({ store }: Sending, day: UtcDay, copyTo?: string): Map<string, number> {
  return reportMailsOn({ store, day, copyTo });
}

describe('reportMailsOn', () => {
  it('counts the mails that were delivered on a day, by domain, whatever they were about', async () => {
    const sending = await Sending.with(
      { destinations: ['mailto:a@x.example', 'mailto:b@X.example', 'https://x.example/r'] },
      { destinations: ['mailto:c@x.example'], day: daysBefore(DAY, 3), policyDomain: 'other.example' },
      { destinations: ['mailto:d@y.example'] },
    );
    await sending.run(DELIVERED);
    const next = daysBefore(DAY, -1);
    expect([...mailsOn(sending, next)].sort()).toEqual([
      ['x.example', 3],
      ['y.example', 1],
    ]);
    expect(mailsOn(sending, DAY).size).toBe(0);
  });

  it('counts a mail that came back: it had gone there', async () => {
    const sending = await Sending.with({ destinations: ['mailto:a@x.example'] });
    await sending.run(DELIVERED);
    await sending.store.outboxes.changeInTurn(DAY, (outbox) =>
      outbox.noteBounce({ number: 1, digest: 'x', words: 'no' }),
    );
    expect(sending.states()).toEqual(['bounced']);
    expect([...mailsOn(sending, daysBefore(DAY, -1))]).toEqual([['x.example', 1]]);
  });

  it('counts a copy of each mail, and of nothing that goes another way', async () => {
    const sending = await Sending.with(
      { destinations: ['mailto:a@x.example', 'https://x.example/r'] },
      { destinations: ['mailto:b@copies.example'] },
    );
    await sending.run(DELIVERED);
    expect([...mailsOn(sending, daysBefore(DAY, -1), 'tls@Copies.example')].sort()).toEqual([
      ['copies.example', 3],
      ['x.example', 1],
    ]);
  });

  it('counts a mail on the day of the attempt that succeeded', async () => {
    const sending = await Sending.with({ destinations: ['mailto:a@x.example'] });
    const [first, second] = [daysBefore(DAY, -1), daysBefore(DAY, -2)];
    await sending.run(DEFERRED);
    expect(mailsOn(sending, first).size).toBe(0);
    sending.nowMs = START_MS + A_DAY_MS;
    await sending.run(DELIVERED);
    expect(mailsOn(sending, first).size).toBe(0);
    expect([...mailsOn(sending, second)]).toEqual([['x.example', 1]]);
  });
});

describe('isOnlyReportMails', () => {
  function seen(...counts: readonly (readonly [PolicyType, successful: number, failed: number])[]): DomainSessions {
    const policies = counts.map(([type, successful, failed]) => ({
      policy: { type, domain: 'x.example', strings: [], mxHosts: [] },
      successful,
      failed,
      failures: [],
    }));
    return { domain: 'x.example', tallies: [{ domain: 'x.example', record: undefined, policies }] };
  }

  it.each([
    [seen(['sts', 2, 0]), 2, true],
    [seen(['sts', 2, 0]), 3, true],
    [seen(['sts', 3, 0]), 2, false],
    [seen(['sts', 1, 1]), 2, false],
    [seen(['sts', 2, 0]), 0, false],
    [seen(['sts', 2, 0], ['tlsa', 2, 0]), 2, true], // the same sessions, held against both
    [seen(['sts', 1, 0], ['no-policy-found', 2, 0]), 2, false],
    [seen(['sts', 2, 0], [NEW_POLICY_TYPE, 2, 0]), 2, true],
    [seen(['sts', 2, 0], [NEW_POLICY_TYPE, 3, 0]), 2, false], // more sessions than mails, whatever that type is
  ])('case %#', (sessions, mails, expected) => {
    expect(isOnlyReportMails(sessions, mails)).toBe(expected);
  });
});

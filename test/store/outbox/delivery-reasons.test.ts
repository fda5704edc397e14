import { describe, expect, it } from 'vitest';
import type { DeliveryOverview } from '#store/outbox/read-outbox.ts';
import { DAY, DEFERRED, DELIVERED, MAIL, REFUSED, Sending, START_MS, WEB } from '#test/support/sending.ts';

function overviewOf({ store, nowMs }: Sending, most = 10): DeliveryOverview['undelivered'] | undefined {
  return store.outboxes.overview(DAY, { nowMs, most })?.undelivered;
}

describe('What is not delivered of a day', () => {
  it('is told by reason, the most frequent first, with an example', async () => {
    const sending = await Sending.with(
      { destinations: [MAIL], policyDomain: 'b.example' },
      { destinations: [MAIL], policyDomain: 'a.example' },
      { destinations: [WEB], policyDomain: 'c.example' },
      { destinations: ['mailto:tls@d.example'], policyDomain: 'd.example' },
    );
    await sending.run((_report, to) => (to.scheme === 'https' ? DEFERRED : to.uri === MAIL ? REFUSED : DELIVERED));
    expect(overviewOf(sending)?.reasons).toEqual([
      { state: 'refused', words: '550 no', count: 2, example: 'a.example' },
      { state: 'deferred', words: '450 later', count: 1, example: 'c.example' },
    ]);
    expect(overviewOf(sending, 1)?.reasons).toHaveLength(1);
  });

  it('waits in the order in which it is due', async () => {
    const sending = await Sending.with(
      { destinations: [MAIL], policyDomain: 'later.example', dueMs: START_MS + 2 },
      { destinations: [WEB], policyDomain: 'soon.example', dueMs: START_MS + 1 },
    );
    expect(overviewOf(sending)?.waiting.map(({ policyDomain }) => policyDomain)).toEqual([
      'soon.example',
      'later.example',
    ]);
    expect(overviewOf(sending, 1)?.waiting).toHaveLength(1);
  });

  it('has the domains that are withheld by reason', async () => {
    const { store, nowMs } = await Sending.with({ destinations: [MAIL] });
    const outbox = store.outboxes.open(DAY);
    outbox.replaceReports(
      ['b.example', 'a.example'].map((policyDomain) => ({
        policyDomain,
        changes: [{ kind: 'withhold', withholding: { policyDomain, why: 'record-unknown' } }],
      })),
      (_domain, failure) => {
        throw failure;
      },
    );
    outbox.close();
    expect(store.outboxes.overview(DAY, { nowMs, most: 10 })?.undelivered.withheld).toEqual([
      { why: 'record-unknown', domains: 2, example: 'a.example' },
    ]);
  });

  it('is found for one domain, and is no more than asked for', async () => {
    const { store } = await Sending.with(
      { destinations: [MAIL, WEB], policyDomain: 'a.example' },
      { destinations: [MAIL], policyDomain: 'b.example' },
    );
    const found = store.outboxes.deliveriesOn(DAY, 'a.example', 10);
    expect(found.map(({ destination }) => destination)).toEqual([MAIL, WEB]);
    expect(store.outboxes.deliveriesOn(DAY, 'a.example', 1)).toHaveLength(1);
    expect(store.outboxes.deliveriesOn(DAY, 'c.example', 10)).toEqual([]);
  });
});

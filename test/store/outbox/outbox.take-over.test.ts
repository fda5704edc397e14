import { describe, expect, it } from 'vitest';
import type { AdoptedEntry } from '#store/outbox/outbox-entries.ts';
import type { Outbox } from '#store/outbox/outbox.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { publishedReport } from '#test/support/published-reports.ts';

function entryOf(policyDomain: string, document = '{}', suffix = ''): AdoptedEntry {
  const { report } = publishedReport(policyDomain);
  const { outgoing } = report;
  const named = { ...outgoing, document, reportId: `${outgoing.reportId}${suffix}` };
  const [destination = ''] = report.destinations;
  const times = { firstAttemptMs: 1, lastAttemptMs: 1, nextAttemptMs: undefined };
  return {
    report: { ...report, outgoing: named, dueMs: 0 },
    results: [{ reportId: named.reportId, destination, state: 'delivered', attempts: 1, lastResult: '250', ...times }],
    due: [],
  };
}

describe('Outbox.takeOver', () => {
  async function withOutbox(test: (outbox: Outbox) => void): Promise<void> {
    const { store } = await CollectedDays.make();
    const outbox = store.shared('an identity').outboxes.open(DAY);
    try {
      test(outbox);
    } finally {
      outbox.close();
    }
  }

  it('takes the same report that is here for transmitted, with what became of it', () =>
    withOutbox((outbox) => {
      const entry = entryOf('a.example');
      outbox.save([entry.report]);
      expect(outbox.takeOver([entry])).toEqual(new Set());
      expect(outbox.deliveries()).toMatchObject([{ state: 'delivered', lastResult: '250' }]);
      expect(outbox.unsentDomains()).toEqual([]);
    }));

  it('puts what another one has built in place of all that is here on the domain and was not transmitted', () =>
    withOutbox((outbox) => {
      const [own, other, theirs] = [
        entryOf('a.example', '{"own":1}'),
        entryOf('a.example', '{"own":2}', '-2'),
        entryOf('a.example', '{"theirs":1}'),
      ];
      outbox.save([own.report, other.report, entryOf('b.example').report]);
      expect(outbox.takeOver([theirs])).toEqual(new Set(['a.example']));
      expect(outbox.reportsOn('a.example').map(({ outgoing }) => outgoing.document)).toEqual(['{"theirs":1}']);
      expect(outbox.unsentDomains()).toEqual(['b.example']);
    }));

  it('brings in several on one domain, of which one is here', () =>
    withOutbox((outbox) => {
      const [first, second] = [entryOf('a.example', '{"theirs":1}'), entryOf('a.example', '{}', '-2')];
      outbox.save([second.report]);
      outbox.takeOver([first, second]);
      expect(outbox.reportsOn('a.example')).toHaveLength(2);
      expect(outbox.deliveries().map(({ state }) => state)).toEqual(['delivered', 'delivered']);
    }));

  it('leaves a report that was transmitted from here as it is, and believes what became of it since', () =>
    withOutbox((outbox) => {
      const entry = entryOf('a.example');
      outbox.save([entry.report]);
      outbox.startTransmission([entry.report.outgoing.reportId]);
      expect(outbox.takeOver([entryOf('a.example', '{"other":1}')])).toEqual(new Set());
      expect(outbox.reportsOn('a.example').map(({ outgoing }) => outgoing.document)).toEqual(['{}']);
      expect(outbox.deliveries()).toMatchObject([{ state: 'delivered' }]);
    }));
});

describe('Outboxes.discard', () => {
  it('leaves nothing of a day, and nothing else is touched', async () => {
    const { store } = await CollectedDays.make();
    const shared = store.shared('an identity');
    for (const outboxes of [store.outboxes, shared.outboxes]) {
      const outbox = outboxes.open(DAY);
      outbox.save([entryOf('a.example').report]);
      outbox.close();
    }
    shared.outboxes.discard(DAY);
    expect([shared.outboxes.read(DAY), shared.outboxes.days()]).toEqual([undefined, []]);
    expect(store.outboxes.read(DAY)?.reports).toHaveLength(1);
    shared.outboxes.discard(DAY);
  });

  it('leaves a day alone that somebody is working on', async () => {
    const { store } = await CollectedDays.make();
    const { outboxes } = store.shared('an identity');
    const outbox = outboxes.open(DAY);
    expect(() => {
      outboxes.discard(DAY);
    }).toThrow(expect.objectContaining({ code: 'store-locked' }));
    outbox.close();
  });
});

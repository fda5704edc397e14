import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SessionTally, tallyLimits } from '#pipeline/collect/session-tally.ts';
import type { SessionChanges } from '#store/session-day-writer.ts';
import type { StoredFailure, StoredPolicy } from '#store/session-day.ts';
import { makeDatagram, recordedDatagrams } from '#test/support/datagrams.ts';
import { failureKey, policyKey } from '#tlsrpt/tally.ts';

/** What a day file would hold, kept in memory. */
class Stored {
  readonly policies: StoredPolicy[] = [];
  readonly failures: StoredFailure[] = [];
  readonly #policyCounts = new Map<number, { successful: number; failed: number }>();
  readonly #failureCounts = new Map<number, number>();
  readonly counters = new Map<string, number>();

  readonly add = (changes: SessionChanges): void => {
    this.policies.push(...changes.policies);
    this.failures.push(...changes.failures);
    for (const [id = 0, successful = 0, failed = 0] of grouped(changes.policyCounts, 3)) {
      const counts = this.#policyCounts.get(id) ?? { successful: 0, failed: 0 };
      this.#policyCounts.set(id, { successful: counts.successful + successful, failed: counts.failed + failed });
    }
    for (const [id = 0, sessions = 0] of grouped(changes.failureCounts, 2))
      this.#failureCounts.set(id, (this.#failureCounts.get(id) ?? 0) + sessions);
    for (const [name, value] of changes.counters) this.counters.set(name, (this.counters.get(name) ?? 0) + value);
  };

  /** Everything by content, whatever the numbers are. */
  content(): unknown {
    const ids = [...this.policies, ...this.failures].map(({ id }) => id);
    expect(ids.every((id) => Number.isSafeInteger(id) && id > 0)).toBe(true);
    const policies = this.policies.map(({ id, domain, record, policy }) => {
      const failures = this.failures
        .filter(({ policyId }) => policyId === id)
        .map((failure) => [failureKey(failure.details), this.#failureCounts.get(failure.id)] as const);
      return [[domain, record, policyKey(policy)].join(' '), this.#policyCounts.get(id), failures.sort(byKey)] as const;
    });
    // How many were recognised is up to what this process had seen before.
    const counters = [...this.counters].filter(([name]) => name !== 'recognised');
    return { policies: policies.sort(byKey), counters: counters.sort(byKey) };
  }
}

function grouped(numbers: readonly number[], size: number): number[][] {
  return Array.from({ length: numbers.length / size }, (_, row) => numbers.slice(row * size, (row + 1) * size));
}

function byKey(a: readonly [string, ...unknown[]], b: readonly [string, ...unknown[]]): number {
  return a[0] < b[0] ? -1 : 1;
}

function storedOf(tally: SessionTally): Stored {
  const stored = new Stored();
  tally.flush(stored.add);
  return stored;
}

const full = (): never => {
  throw new Error('the disk is full');
};

describe('A session tally', () => {
  it('counts sessions by domain, policy and failure', () => {
    const tally = new SessionTally();
    const failed = makeDatagram({
      domain: 'a.example',
      failures: [{ code: 201, receivingIp: '192.0.2.1' }, { code: 202 }],
    });
    for (const bytes of [makeDatagram({ domain: 'a.example' }), failed, failed, makeDatagram({ domain: 'b.example' })])
      expect(tally.count(bytes)).toBe('tallied');
    const stored = storedOf(tally);
    expect(stored.policies.map(({ id, domain }) => [id, domain])).toEqual([
      [1, 'a.example'],
      [2, 'b.example'],
    ]);
    expect(stored.content()).toMatchObject({
      policies: [
        [
          expect.stringContaining('a.example'),
          { successful: 1, failed: 2 },
          [
            [expect.anything(), 2],
            [expect.anything(), 2],
          ],
        ],
        [expect.stringContaining('b.example'), { successful: 1, failed: 0 }, []],
      ],
      counters: [['datagrams', 4]],
    });
  });

  it('counts what it recognises by its bytes as what it has parsed', () => {
    const datagrams = recordedDatagrams();
    const remembering = new SessionTally();
    const forgetful = new SessionTally({ ...tallyLimits, rememberedDatagrams: 0 });
    for (const bytes of [...datagrams, ...datagrams, ...datagrams])
      expect(remembering.count(bytes)).toBe(forgetful.count(bytes));
    const [remembered, parsed] = [storedOf(remembering), storedOf(forgetful)];
    expect(remembered.counters.get('recognised')).toBeGreaterThan(datagrams.length);
    expect(remembered.content()).toEqual(parsed.content());
  });

  it('forgets bytes it recognised when they become too many, and counts on', () => {
    const datagrams = ['a', 'b', 'c'].map((name) => makeDatagram({ domain: `${name}.example` }));
    const tally = new SessionTally({ ...tallyLimits, rememberedDatagrams: 2 });
    for (const bytes of [...datagrams, ...datagrams, ...datagrams]) tally.count(bytes);
    expect(storedOf(tally).content()).toMatchObject({
      policies: [{ 1: { successful: 3 } }, { 1: { successful: 3 } }, { 1: { successful: 3 } }],
    });
  });

  it('does not mind that the bytes change after they were counted', () => {
    const tally = new SessionTally();
    const bytes = makeDatagram({ domain: 'a.example' });
    const copy = Buffer.from(bytes);
    tally.count(copy);
    copy.fill(0);
    tally.count(bytes);
    expect(storedOf(tally).policies).toHaveLength(1);
  });

  it('keeps the same failures of two policies apart', () => {
    const tally = new SessionTally();
    for (const domain of ['a.example', 'b.example']) tally.count(makeDatagram({ domain, failures: [{ code: 201 }] }));
    expect(storedOf(tally).failures.map(({ id, policyId }) => [id, policyId])).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it('counts what it cannot read, by reason', () => {
    const tally = new SessionTally();
    expect([tally.count(Buffer.from('{')), tally.count(Buffer.from('[]')), tally.count(Buffer.alloc(0))]).toEqual([
      'not-json',
      'not-an-object',
      'not-json',
    ]);
    expect(storedOf(tally).counters).toEqual(
      new Map([
        ['datagrams', 3],
        ['rejected', 3],
        ['rejected-not-json', 2],
        ['rejected-not-an-object', 1],
      ]),
    );
  });

  it('has nothing to store twice', () => {
    const tally = new SessionTally();
    expect(tally.hasChanges).toBe(false);
    tally.count(makeDatagram({ domain: 'a.example' }));
    expect(tally.hasChanges).toBe(true);
    storedOf(tally);
    expect(tally.hasChanges).toBe(false);
    expect(storedOf(tally).counters.size).toBe(0);
  });
});

describe('The limits of a tally', () => {
  it('put further failure details of a policy under their result type', () => {
    const tally = new SessionTally({ ...tallyLimits, failureDetailsPerPolicy: 2 });
    for (const [code, receivingIp] of [
      [201, '192.0.2.1'],
      [201, '192.0.2.2'],
      [201, '192.0.2.3'],
      [202, '192.0.2.3'],
      [201, '192.0.2.4'],
      [201, '192.0.2.1'],
    ] as const)
      tally.count(makeDatagram({ domain: 'a.example', failures: [{ code, receivingIp }] }));
    const stored = storedOf(tally);
    expect(stored.failures.map(({ details }) => [details.resultType, details.receivingIp])).toEqual([
      ['starttls-not-supported', '192.0.2.1'],
      ['starttls-not-supported', '192.0.2.2'],
      ['starttls-not-supported', undefined],
      ['certificate-host-mismatch', undefined],
    ]);
    expect(stored.content()).toMatchObject({ policies: [{ 1: { failed: 6 } }] });
  });

  it('let no new domain in when there are too many, and still count those that are known', () => {
    const tally = new SessionTally({ ...tallyLimits, policies: 2 });
    const failed = makeDatagram({ domain: 'a.example', failures: [{ code: 201 }] });
    for (const domain of ['a.example', 'b.example']) expect(tally.count(makeDatagram({ domain }))).toBe('tallied');
    expect(tally.count(makeDatagram({ domain: 'c.example' }))).toBe('too-many-domains');
    expect(tally.count(failed)).toBe('tallied');
    expect(tally.count(makeDatagram({ domain: 'b.example' }))).toBe('tallied');
    const stored = storedOf(tally);
    expect(stored.policies.map(({ domain }) => domain)).toEqual(['a.example', 'b.example']);
    expect(stored.counters.get('rejected-too-many-domains')).toBe(1);
  });
});

describe('A day whose text has become too large', () => {
  it('takes no new policy, merges new failures, and still counts what is known', () => {
    const [first, second] = ['a.example', 'b.example'].map((domain) => makeDatagram({ domain }));
    const tally = new SessionTally({ ...tallyLimits, dayBytes: 10 });
    if (!first || !second) throw new Error('no datagrams');
    expect([tally.count(first), tally.count(second), tally.count(first)]).toEqual([
      'tallied',
      'too-many-domains',
      'tallied',
    ]);
    for (const receivingIp of ['192.0.2.1', '192.0.2.2'])
      expect(tally.count(makeDatagram({ domain: 'a.example', failures: [{ code: 201, receivingIp }] }))).toBe(
        'tallied',
      );
    const stored = storedOf(tally);
    expect(stored.failures.map(({ details }) => details.receivingIp)).toEqual([undefined]);
    expect(stored.content()).toMatchObject({ policies: [{ 1: { successful: 2, failed: 2 }, 2: [{ 1: 2 }] }] });
    const again = new SessionTally({ ...tallyLimits, dayBytes: 10 });
    again.restore(stored.policies, stored.failures);
    expect([again.count(second), again.count(first)]).toEqual(['too-many-domains', 'tallied']);
  });
});

describe('A flush that fails', () => {
  it('loses no count, and gives nothing another number the next time', () => {
    const tally = new SessionTally();
    const failed = makeDatagram({ domain: 'a.example', failures: [{ code: 201 }] });
    tally.count(failed);
    let offered: SessionChanges | undefined;
    expect(() => {
      tally.flush((changes) => {
        offered = changes;
        full();
      });
    }).toThrow('the disk is full');
    tally.count(failed);
    const stored = storedOf(tally);
    expect([stored.policies, stored.failures]).toEqual([offered?.policies, offered?.failures]);
    expect(stored.content()).toMatchObject({
      policies: [{ 1: { failed: 2 }, 2: [{ 1: 2 }] }],
      counters: [['datagrams', 2]],
    });
  });
});

const datagram = fc
  .record({
    domain: fc.constantFrom('a.example', 'b.example', 'c.example'),
    codes: fc.array(fc.constantFrom(201, 202), { maxLength: 2 }),
    receivingIp: fc.constantFrom('192.0.2.1', '192.0.2.2', '2001:db8::1'),
  })
  .map(({ domain, codes, receivingIp }) =>
    makeDatagram({ domain, failures: codes.map((code) => ({ code, receivingIp })) }),
  );

const action = fc.oneof(
  { weight: 8, arbitrary: datagram },
  {
    weight: 3,
    arbitrary: fc.constantFrom('flush' as const, 'failed flush' as const, 'restart' as const, 'late restore' as const),
  },
);

describe('Any sequence of datagrams, flushes, failed flushes and restarts', () => {
  it('stores the same as one flush at the end', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const undisturbed = new SessionTally();
        const stored = new Stored();
        let tally = new SessionTally();
        for (const next of actions) {
          if (Buffer.isBuffer(next)) {
            tally.count(next);
            undisturbed.count(next);
          } else if (next === 'failed flush') {
            if (tally.hasChanges)
              expect(() => {
                tally.flush(full);
              }).toThrow();
          } else {
            tally.flush(stored.add);
            if (next !== 'flush') tally = restarted(stored, next === 'late restore' ? undisturbed : undefined);
          }
        }
        tally.flush(stored.add);
        expect(stored.content()).toEqual(storedOf(undisturbed).content());
      }),
    );
  });

  /** With `alsoCountedBy`, one more datagram is counted before what is stored is known again. */
  function restarted({ policies, failures }: Stored, alsoCountedBy: SessionTally | undefined): SessionTally {
    const tally = new SessionTally();
    const early = makeDatagram({ domain: 'a.example', failures: [{ code: 201, receivingIp: '192.0.2.1' }] });
    if (alsoCountedBy) for (const each of [tally, alsoCountedBy]) each.count(early);
    tally.restore(policies, failures);
    return tally;
  }
});

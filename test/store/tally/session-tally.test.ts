import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoredFailure, StoredPolicy } from '#store/sessions/stored-sessions.ts';
import { DatagramBatch } from '#store/tally/datagram-payload.ts';
import { parseStoredDatagram } from '#store/tally/session-changes.ts';
import type { SessionChanges } from '#store/tally/session-changes.ts';
import { SessionTally, tallyLimits } from '#store/tally/session-tally.ts';
import type { TallyLimits } from '#store/tally/session-tally.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { payloadIn, payloadOf } from '#test/support/day-files.ts';

interface Counts {
  readonly domain: string;
  readonly successful: number;
  readonly failed: number;
  readonly failures: number;
}

/** What a day file would hold, kept in memory. */
class Stored {
  readonly policies: StoredPolicy[] = [];
  readonly failures: StoredFailure[] = [];
  readonly counters = new Map<string, number>();
  readonly #policyCounts = new Map<number, [successful: number, failed: number]>();
  readonly #failureCounts = new Map<number, number>();

  add(changes: SessionChanges): void {
    this.policies.push(...changes.policies);
    this.failures.push(...changes.failures);
    for (const [id = 0, successful = 0, failed = 0] of grouped(changes.policyCounts, 3)) {
      const [before, failedBefore] = this.#policyCounts.get(id) ?? [0, 0];
      this.#policyCounts.set(id, [before + successful, failedBefore + failed]);
    }
    for (const [id = 0, sessions = 0] of grouped(changes.failureCounts, 2))
      this.#failureCounts.set(id, (this.#failureCounts.get(id) ?? 0) + sessions);
    for (const [name, value] of changes.counters) this.counters.set(name, (this.counters.get(name) ?? 0) + value);
  }

  /** Of all policies of each domain together. */
  byDomain(): Counts[] {
    return [...new Set(this.policies.map(({ domain }) => domain))].sort().map((domain) => {
      const ids = this.policies.filter((policy) => policy.domain === domain).map(({ id }) => id);
      const counts = ids.map((id): readonly [number, number] => this.#policyCounts.get(id) ?? [0, 0]);
      const failures = this.failures.filter(({ policyId }) => ids.includes(policyId));
      return {
        domain,
        successful: sum(counts.map(([successful]) => successful)),
        failed: sum(counts.map(([, failed]) => failed)),
        failures: sum(failures.map(({ id }) => this.#failureCounts.get(id) ?? 0)),
      };
    });
  }
}

function grouped(numbers: readonly number[], size: number): number[][] {
  return Array.from({ length: numbers.length / size }, (_, row) => numbers.slice(row * size, (row + 1) * size));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function storedOf(tally: SessionTally): Stored {
  const stored = new Stored();
  stored.add(tally.changes());
  return stored;
}

function tallyOf(datagrams: readonly Buffer[], limits: Partial<TallyLimits> = {}): Stored {
  const tally = new SessionTally({ ...tallyLimits, ...limits });
  tally.take(payloadOf(datagrams));
  return storedOf(tally);
}

function stsDatagram(domain: string, mxHost: string, failures: readonly object[] = []): Buffer {
  const policy = {
    'policy-type': 2,
    'policy-domain': domain,
    'policy-string': ['version: STSv1', 'mode: enforce'],
    'mx-host': [mxHost],
    'failure-details': failures,
    f: failures.length > 0 ? 1 : 0,
  };
  return Buffer.from(JSON.stringify({ dpv: '1', d: domain, pr: 'v=TLSRPTv1;rua=mailto:a@b', policies: [policy] }));
}

const SUCCESS = makeDatagram({ domain: 'a.example' });
const FAILURE = makeDatagram({ domain: 'a.example', failures: [{ code: 201 }, { code: 202 }] });
const OTHER = makeDatagram({ domain: 'b.example' });

describe('A session tally', () => {
  it('counts sessions by domain, policy and failure', () => {
    const stored = tallyOf([SUCCESS, FAILURE, FAILURE, OTHER]);
    expect(stored.byDomain()).toEqual([
      { domain: 'a.example', successful: 1, failed: 2, failures: 4 },
      { domain: 'b.example', successful: 1, failed: 0, failures: 0 },
    ]);
    expect(stored.counters).toEqual(new Map([['datagrams', 4]]));
  });

  it('counts a number for what its bytes said when it was defined, and need not parse them again', () => {
    const tally = new SessionTally();
    const batch = new DatagramBatch();
    batch.define(3, FAILURE);
    for (let times = 0; times < 3; times += 1) batch.count(3);
    expect(tally.take(payloadIn(batch.cut()))).toEqual({ datagrams: 3, rejected: 0, recognised: 2, otherVersions: 0 });
    batch.count(3);
    expect(tally.take(payloadIn(batch.cut()))).toEqual({ datagrams: 1, rejected: 0, recognised: 1, otherVersions: 0 });
    expect(storedOf(tally).byDomain()).toMatchObject([{ failed: 4, failures: 8 }]);
  });

  it('tells of what it cannot read when it first comes, and counts it each time', () => {
    const tally = new SessionTally();
    const told: unknown[] = [];
    const batch = new DatagramBatch();
    batch.define(1, Buffer.from('{'));
    batch.count(1);
    batch.count(1);
    const figures = tally.take(payloadIn(batch.cut()), (number, reason, bytes) =>
      told.push([number, reason, bytes.toString()]),
    );
    expect(figures).toEqual({ datagrams: 2, rejected: 2, recognised: 0, otherVersions: 0 });
    expect(told).toEqual([[1, 'not-json', '{']]);
    expect(storedOf(tally).counters.get('rejected-not-json')).toBe(2);
  });

  it.each([
    ['"2"', 1],
    ['2', 1],
    ['"1.1"', 1],
    ['null', 1],
    ['"1"', 0],
    ['1', 0],
  ])('counts a datagram that says dpv %s, and knows of another version', (version, otherVersions) => {
    const tally = new SessionTally();
    const batch = new DatagramBatch();
    batch.define(1, Buffer.from(`{"dpv":${version},"d":"a.example","policies":[{"policy-type":9,"f":0}]}`));
    for (let times = 0; times < 2; times += 1) batch.count(1);
    const figures = tally.take(payloadIn(batch.cut()));
    expect(figures).toEqual({ datagrams: 2, rejected: 0, recognised: 1, otherVersions });
    expect(storedOf(tally).byDomain()).toMatchObject([{ successful: 2 }]);
  });

  it('counts a number that nobody defined as lost', () => {
    const tally = new SessionTally();
    const batch = new DatagramBatch();
    batch.count(9);
    expect(tally.take(payloadIn(batch.cut()))).toEqual({ datagrams: 1, rejected: 1, recognised: 0, otherVersions: 0 });
    expect(storedOf(tally).counters.get('rejected-lost-in-damage')).toBe(1);
  });

  it('has nothing to store twice', () => {
    const tally = new SessionTally();
    tally.take(payloadOf([SUCCESS]));
    expect([tally.hasChanges, tally.unstoredBytes]).toEqual([true, SUCCESS.length]);
    tally.settle();
    expect([tally.hasChanges, tally.unstoredBytes]).toEqual([false, 0]);
    expect(tally.changes()).toMatchObject({ policies: [], policyCounts: [], datagrams: [], datagramsBeganAnew: false });
  });

  it('goes on from what is stored, with the same numbers', () => {
    const first = new SessionTally();
    first.take(payloadOf([SUCCESS, FAILURE]));
    const changes = first.changes();
    const again = new SessionTally();
    for (const policy of changes.policies) again.restorePolicy(policy);
    for (const failure of changes.failures) again.restoreFailure(failure, 'a.example');
    for (const datagram of changes.datagrams) again.restoreDatagram(datagram);
    const batch = new DatagramBatch();
    batch.count(1);
    again.take(payloadIn(batch.cut()));
    expect(again.changes()).toMatchObject({
      policies: [],
      failures: [],
      policyCounts: [1, 0, 1],
      failureCounts: [1, 1, 2, 1],
    });
  });

  it('remembers a failure that one datagram has a hundred times as one entry, and counts each', () => {
    const policies = Array.from({ length: 32 }, (_, index) => ({
      'policy-type': 9,
      'policy-domain': `mx${String(index)}.example`,
      'failure-details': Array.from({ length: 100 }, () => ({})),
    }));
    const tally = new SessionTally();
    tally.take(payloadOf([Buffer.from(JSON.stringify({ d: 'a.example', policies }))]));
    const [datagram] = tally.changes().datagrams;
    expect(datagram?.kind === 'counted' && datagram.entries.length).toBe(64);
    expect(storedOf(tally).byDomain()).toMatchObject([{ failed: 32, failures: 3_200 }]);
  });

  it('reads what 0.2 stored of a datagram, as often as each entry is there', () => {
    const entries = [
      { id: 1, as: 1, times: 1 },
      { id: 1, as: 2, times: 1 },
    ];
    expect(parseStoredDatagram(5, '[1,1,1,2]')).toEqual({ kind: 'counted', number: 5, entries });
    expect(parseStoredDatagram(5, '[[1,1,1],[1,2,1]]')).toEqual({ kind: 'counted', number: 5, entries });
    expect(['[[1,1],[1,2,1]]', '[[1,"a",1]]', '{}', '[[]]'].map((text) => parseStoredDatagram(5, text))).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('reads nothing as a datagram that counts what no day can have', () => {
    const odd = [
      '[[1,7,1]]',
      '[[-1,1,1]]',
      '[[1,1,0]]',
      '[[1,1,20001]]',
      '[[4194305,1,1]]',
      '"Not a name"',
      'not JSON',
    ];
    expect(odd.map((text) => parseStoredDatagram(5, text))).toEqual(odd.map(() => undefined));
    expect([-1, 0.5, 4_194_305, NaN].map((number) => parseStoredDatagram(number, '[[1,1,1]]'))).toEqual(
      Array.from({ length: 4 }, () => undefined),
    );
  });

  it('stores the same in any number of steps', () => {
    const datagram = fc.constantFrom(SUCCESS, FAILURE, OTHER, Buffer.from('odd'));
    fc.assert(
      fc.property(fc.array(fc.array(datagram, { maxLength: 6 }), { maxLength: 8 }), (frames) => {
        const [stepwise, stored] = [new SessionTally(), new Stored()];
        for (const frame of frames) {
          stepwise.take(payloadOf(frame));
          stored.add(stepwise.changes());
          stepwise.settle();
        }
        const atOnce = new SessionTally();
        for (const frame of frames) atOnce.take(payloadOf(frame));
        expect(stored.byDomain()).toEqual(storedOf(atOnce).byDomain());
        expect(stored.counters).toEqual(storedOf(atOnce).counters);
      }),
    );
  });
});

describe('The limits of a tally', () => {
  it('put further failure details of a policy under their result type, and keep the totals', () => {
    const addresses = Array.from({ length: 20 }, (_, index) => `192.0.2.${String(index)}`);
    const datagrams = addresses.map((receivingIp) =>
      makeDatagram({ domain: 'a.example', failures: [{ code: 201, receivingIp }] }),
    );
    const stored = tallyOf(datagrams, { failureDetailsPerPolicy: 3 });
    expect(stored.failures.map(({ details }) => details.receivingIp)).toEqual([...addresses.slice(0, 3), undefined]);
    expect(stored.byDomain()).toEqual([{ domain: 'a.example', successful: 0, failed: 20, failures: 20 }]);
  });

  it('merge the policies of a domain that has too many, and leave the others alone', () => {
    const flood = Array.from({ length: 8_000 }, (_, index) =>
      stsDatagram('flood.example', `mx${String(index)}.example`),
    );
    const stored = tallyOf([...flood, stsDatagram('a.example', 'mx.example', [{ c: 201 }]), SUCCESS]);
    const [a, other] = stored.byDomain();
    expect([a, other]).toEqual([
      { domain: 'a.example', successful: 1, failed: 1, failures: 1 },
      { domain: 'flood.example', successful: 8_000, failed: 0, failures: 0 },
    ]);
    const ofFlood = stored.policies.filter(({ domain }) => domain === 'flood.example');
    expect(ofFlood).toHaveLength(tallyLimits.policiesOfDomain + 1);
    expect(ofFlood.at(-1)?.policy).toMatchObject({ type: 'sts', strings: [], mxHosts: [] });
    expect(stored.policies.find(({ domain }) => domain === 'a.example')?.policy.mxHosts).toEqual(['mx.example']);
  });

  it('put further failures of policies that are known under their result type when the day is full', () => {
    const addresses = Array.from({ length: 20 }, (_, index) => `192.0.2.${String(index)}`);
    const datagrams = addresses.map((receivingIp) =>
      makeDatagram({ domain: 'a.example', failures: [{ code: 201, receivingIp }] }),
    );
    const stored = tallyOf(datagrams, { dayBytes: 500 });
    expect(stored.failures.length).toBeLessThan(10);
    expect(stored.failures.at(-1)?.details.receivingIp).toBeUndefined();
    expect(stored.byDomain()).toEqual([{ domain: 'a.example', successful: 0, failed: 20, failures: 20 }]);
  });

  it('put further failures of a day that has many under their result type, and count without details what is still more', () => {
    const datagrams = ['a', 'b', 'c', 'd'].flatMap((name) =>
      ['192.0.2.1', '192.0.2.2'].map((receivingIp) =>
        makeDatagram({ domain: `${name}.example`, failures: [{ code: 201, receivingIp }] }),
      ),
    );
    const stored = tallyOf([...datagrams, ...datagrams], { detailedFailures: 3, failures: 5 });
    expect(stored.failures.map(({ details }) => details.receivingIp)).toEqual([
      '192.0.2.1',
      '192.0.2.2',
      '192.0.2.1',
      undefined,
      undefined,
    ]);
    expect(stored.byDomain().map(({ failed, failures }) => [failed, failures])).toEqual([
      [4, 4],
      [4, 4],
      [4, 4],
      [4, 0],
    ]);
    expect(stored.counters.get('failures-left-out')).toBe(4);
    expect(stored.counters.get('details-merged:d.example')).toBe(4);
  });

  it('are of bytes, of which a character may have three', () => {
    const policiesOf = (text: string): number =>
      tallyOf(
        Array.from({ length: 20 }, (_, index) =>
          makeDatagram({ domain: 'a.example', record: `v=TLSRPTv1;${text.repeat(100)}${String(index)}` }),
        ),
        { domainBytes: 4_000 },
      ).policies.length;
    expect(policiesOf('x')).toBe(20);
    expect(policiesOf('漢')).toBeLessThan(13);
  });

  it('let no new domain in when there are too many, and still count those that are known', () => {
    const domains = ['a', 'b', 'c', 'a', 'b'].map((name) => makeDatagram({ domain: `${name}.example` }));
    const stored = tallyOf(domains, { policies: 2 });
    expect(stored.byDomain()).toMatchObject([
      { domain: 'a.example', successful: 2 },
      { domain: 'b.example', successful: 2 },
    ]);
    expect(stored.counters.get('rejected-too-many-domains')).toBe(1);
  });
});

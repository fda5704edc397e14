/**
 * What the hostile datagrams are, so that a test that sends them tests what it says.
 */
import { describe, expect, it } from 'vitest';
import { hostileDatagram, hostileKinds, POLICIES_OF_ONE_DOMAIN } from '#test/support/hostile-kinds.ts';
import type { HostileKind } from '#test/support/hostile-kinds.ts';
import { readDatagram } from '#tlsrpt/datagram.ts';
import type { Session } from '#tlsrpt/session.ts';

const LARGEST_BYTES = 200_000;

function some(kind: HostileKind, count = 20): Buffer[] {
  return Array.from({ length: count }, (_, index) => hostileDatagram(kind, index));
}

function sessionsOf(kind: HostileKind, count?: number): Session[] {
  return some(kind, count).map((bytes) => {
    const reading = readDatagram(bytes);
    if (reading.kind !== 'session') throw new Error(`${kind} is ${reading.reason}`);
    return reading.session;
  });
}

function distinct(values: readonly unknown[]): number {
  return new Set(values.map((value) => JSON.stringify(value))).size;
}

describe('Hostile datagrams', () => {
  it.each(hostileKinds)('of kind %s are the same for the same index, and small enough for a socket', (kind) => {
    expect(some(kind)).toEqual(some(kind));
    for (const { length } of some(kind)) {
      expect(length).toBeGreaterThan(0);
      expect(length).toBeLessThanOrEqual(LARGEST_BYTES);
    }
  });

  it('come in any size up to 200 KB', () => {
    const sizes = some('any-size', 200).map(({ length }) => length);
    expect([Math.min(...sizes) < 10_000, Math.max(...sizes) > 190_000]).toEqual([true, true]);
    expect(sessionsOf('any-size')).toHaveLength(20);
  });

  it('have 190 KB and more of Chinese names, of which as many are read as one datagram may have', () => {
    for (const { length } of some('cjk-names', 3)) expect(length).toBeGreaterThan(190_000);
    const [session] = sessionsOf('cjk-names', 1);
    const names = (session?.outcomes ?? []).flatMap(({ policy }) => policy.mxHosts);
    expect([names.length === 16, names.every((name) => name.includes('xn--')), distinct(names)]).toEqual([
      true,
      true,
      names.length,
    ]);
  });

  it('have records of 65 KB, each another one, that are kept whole', () => {
    const records = sessionsOf('large-record').map(({ record }) => record);
    expect([distinct(records), records.every((record) => record?.length === 65_535)]).toEqual([20, true]);
  });

  it('are thousands of large policies of one domain', () => {
    const sessions = sessionsOf('policies-of-one-domain');
    expect(distinct(sessions.map(({ domain }) => domain))).toBe(1);
    expect(distinct(sessions.map(({ outcomes }) => outcomes))).toBe(20);
    const [first, again] = [0, POLICIES_OF_ONE_DOMAIN].map((index) => hostileDatagram('policies-of-one-domain', index));
    expect(first?.length).toBeGreaterThan(15_000);
    expect(first).toEqual(again);
  });

  it('are distinct in everything', () => {
    const sessions = sessionsOf('all-distinct', 1_000);
    expect(distinct(sessions.map(({ domain }) => domain))).toBe(1_000);
    const failures = sessions.flatMap(({ outcomes }) => outcomes.flatMap((outcome) => outcome.failures));
    expect(distinct(failures)).toBe(failures.length);
  });

  it('are garbage of a few kinds, again and again', () => {
    const reasons = some('known-garbage').map((bytes) => readDatagram(bytes));
    expect([distinct(some('known-garbage', 100)), reasons.filter(({ kind }) => kind === 'session')]).toEqual([5, []]);
  });

  it('are failures of one domain from ever new addresses', () => {
    const sessions = sessionsOf('varying-addresses');
    const addresses = sessions.flatMap(({ outcomes }) => outcomes.flatMap(({ failures }) => failures));
    expect([distinct(sessions.map(({ domain }) => domain)), distinct(addresses)]).toEqual([1, 2_000]);
  });
});

import { describe, expect, it } from 'vitest';
import { uniqueIdOf } from '#pipeline/report/unique-id.ts';
import { readDestination } from '#tlsrpt/destination.ts';
import type { Destination } from '#tlsrpt/destination.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const ORIGIN = { day: '2026-11-19' as UtcDay, identity: 'host-1' };

function destinations(...uris: readonly string[]): Destination[] {
  return uris.map(readDestination).flatMap((reading) => (reading.kind === 'address' ? [reading.address] : []));
}

describe('uniqueIdOf', () => {
  const id = uniqueIdOf('a.example', destinations('mailto:tls@a.example', 'https://a.example/r'), ORIGIN);

  it('gives 128 bits in letters and digits', () => {
    expect(id).toMatch(/^[0-9a-f]{32}$/);
  });

  it('gives the same id again, in whatever order and form the destinations are written', () => {
    const again = destinations('https://a.example:443/r', 'mailto:tls@A.example');
    expect(uniqueIdOf('a.example', again, ORIGIN)).toBe(id);
  });

  it.each([
    ['policy domain', 'b.example', ['mailto:tls@a.example', 'https://a.example/r'], ORIGIN],
    ['destinations', 'a.example', ['mailto:tls@a.example'], ORIGIN],
    ['day', 'a.example', ['mailto:tls@a.example', 'https://a.example/r'], { ...ORIGIN, day: '2026-11-18' as UtcDay }],
    [
      'state directory',
      'a.example',
      ['mailto:tls@a.example', 'https://a.example/r'],
      { ...ORIGIN, identity: 'host-2' },
    ],
  ])('gives another id for another %s', (_, policyDomain, uris, origin) => {
    expect(uniqueIdOf(policyDomain, destinations(...uris), origin)).not.toBe(id);
  });
});

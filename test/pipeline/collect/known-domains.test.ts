import { describe, expect, it } from 'vitest';
import { KnownDomains } from '#pipeline/collect/known-domains.ts';
import { SeededRandom } from '#test/support/seeded-random.ts';

const WORD = 2 ** 32;
const random = new SeededRandom(7);
const hashes = (count: number): [number, number][] =>
  Array.from({ length: count }, () => [random.below(WORD) | 0, random.below(WORD) | 0]);

/** Returns how many of them were known. */
function meet(domains: KnownDomains, some: readonly [number, number][]): number {
  return some.filter(([low, high]) => domains.meet(low, high)).length;
}

describe('Known domains', () => {
  it('are those that came before, also when they are many', () => {
    const [domains, some] = [new KnownDomains(), hashes(200_000)];
    expect(meet(domains, some)).toBe(0);
    expect(meet(domains, some)).toBeGreaterThan(199_000);
  });

  it('stay known once they came again, however many come once', () => {
    const [domains, some] = [new KnownDomains(), hashes(1_000)];
    meet(domains, some);
    meet(domains, some);
    expect(meet(domains, hashes(1_000_000))).toBeLessThan(100);
    expect(meet(domains, some)).toBe(1_000);
  });

  it('become known also while many come once', () => {
    const [domains, some] = [new KnownDomains(), hashes(1_000)];
    meet(domains, hashes(1_000_000));
    meet(domains, some);
    expect(meet(domains, some)).toBe(1_000);
  });

  it('give their places to others on a new day, unless they come on that day too', () => {
    const [domains, gone, regular, others] = [new KnownDomains(), hashes(1_000_000), hashes(1_000), hashes(1_000)];
    meet(domains, regular);
    meet(domains, regular);
    for (let index = 0; index < gone.length; index += 100) {
      meet(domains, gone.slice(index, index + 100));
      meet(domains, gone.slice(index, index + 100));
    }
    domains.beginDay();
    expect(meet(domains, regular)).toBe(1_000);
    meet(domains, others);
    expect(meet(domains, others)).toBeGreaterThan(990);
    meet(domains, hashes(1_000_000));
    expect(meet(domains, regular)).toBe(1_000);
    expect(meet(domains, gone)).toBeLessThan(100_000);
  });

  it('are no more than there are places for', () => {
    const [domains, some] = [new KnownDomains(), hashes(1_000_000)];
    for (let index = 0; index < some.length; index += 100) {
      meet(domains, some.slice(index, index + 100));
      meet(domains, some.slice(index, index + 100));
    }
    const known = meet(domains, some);
    expect([known > 400_000, known <= 524_288]).toEqual([true, true]);
    expect(meet(domains, hashes(1_000))).toBeLessThan(10);
  });
});

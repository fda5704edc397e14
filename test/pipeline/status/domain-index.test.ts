import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildDomainIndex, countDomains, digestDomains, policiesOf } from '#pipeline/status/domain-index.ts';

const KEY = 'key';

describe('The index of domains', () => {
  it('names every policy of a domain', () => {
    const domains = fc.array(fc.string({ maxLength: 3 }), { maxLength: 200 });
    fc.assert(
      fc.property(domains, (named) => {
        const places = named.map((domain, at) => ({ id: at * 7 + 1, domain }));
        const index = buildDomainIndex(digestDomains(places, KEY));
        for (const sought of new Set(named)) {
          const ids = places.filter(({ domain }) => domain === sought).map(({ id }) => id);
          for (const id of ids) expect(policiesOf(sought, index, KEY)).toContain(id);
        }
      }),
    );
  });

  it('names few of other domains, whether the domain is there or not', () => {
    const places = Array.from({ length: 10_000 }, (_, id) => ({ id, domain: `d${String(id)}.example` }));
    const index = buildDomainIndex(digestDomains(places, KEY));
    expect(index.ids.byteLength + index.starts.byteLength).toBeLessThan(places.length * 6);
    const strangers = Array.from({ length: 1_000 }, (_, at) => policiesOf(`x${String(at)}.example`, index, KEY).length);
    expect(Math.max(...strangers)).toBeLessThan(20);
  });

  it('has buckets that nobody can foretell without the key', () => {
    const places = Array.from({ length: 100 }, (_, id) => ({ id, domain: `d${String(id)}.example` }));
    const [one, other] = ['a', 'b'].map((key) => buildDomainIndex(digestDomains(places, key)).ids);
    expect(one).not.toEqual(other);
  });

  it('tells how many domains there are, each once, however many parts have it', () => {
    const partOf = (...domains: readonly string[]): ReturnType<typeof digestDomains> =>
      digestDomains(
        domains.map((domain, id) => ({ id, domain })),
        KEY,
      );
    expect(countDomains([partOf('a', 'b', 'a'), partOf('b', 'c')])).toBe(3);
    expect(countDomains([])).toBe(0);
  });
});

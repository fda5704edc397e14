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

  it('names next to nothing of a domain that is not there', () => {
    const places = Array.from({ length: 10_000 }, (_, id) => ({ id, domain: `d${String(id)}.example` }));
    const index = buildDomainIndex(digestDomains(places, KEY));
    const strangers = Array.from({ length: 100 }, (_, at) => policiesOf(`x${String(at)}.example`, index, KEY));
    expect(strangers.flat().length).toBeLessThan(3);
  });

  it('cannot be foretold without the key', () => {
    const [one, other] = ['a', 'b'].map((key) =>
      buildDomainIndex(digestDomains([{ id: 1, domain: 'a.example' }], key)),
    );
    expect(one?.digests).not.toEqual(other?.digests);
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

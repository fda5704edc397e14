import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { publishedTally, readPublishedTally } from '#tlsrpt/published-tally.ts';
import { policyTally } from '#test/support/generated-tallies.ts';

describe('a published tally', () => {
  it('is the same when it is read again', () => {
    const record = fc.constantFrom(undefined, 'v=TLSRPTv1;rua=mailto:a@a.example');
    fc.assert(
      fc.property(policyTally, record, (tally, given) => {
        const seen = { domain: 'a.example', record: given, tally };
        expect(readPublishedTally(JSON.parse(JSON.stringify(publishedTally(seen))))).toEqual(seen);
      }),
    );
  });

  it.each([
    undefined,
    [],
    'text',
    { domain: 'a.example' },
    { domain: 1, 'policy-type': 'sts', 'total-successful-session-count': 1, 'total-failure-session-count': 0 },
    { domain: 'a', 'policy-type': 'sts', 'total-successful-session-count': -1, 'total-failure-session-count': 0 },
    { domain: 'a', 'policy-type': 'sts', 'total-successful-session-count': 1.5, 'total-failure-session-count': 0 },
    { domain: 'a', 'policy-type': '<', 'total-successful-session-count': 1, 'total-failure-session-count': 0 },
  ])('is none in another form: %j', (json) => {
    expect(readPublishedTally(json)).toBeUndefined();
  });

  it('throws at nothing that a document can be', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        readPublishedTally(json);
      }),
    );
  });
});

import { expect, it } from 'vitest';
import { servedTally } from '#tlsrpt/served-tally.ts';
import type { DomainTally } from '#tlsrpt/tally.ts';
import { NEW_POLICY_TYPE } from '#test/support/generated-tallies.ts';

const policy = { type: 'no-policy-found', domain: 'a.example', strings: [], mxHosts: [] } as const;
const tally: DomainTally = {
  domain: 'a.example',
  record: 'v=TLSRPTv1; rua=mailto:tls@a.example',
  policies: [{ policy, successful: 3, failed: 0, failures: [] }],
};

it('What is served of a tally is all that libtlsrpt knows of it', () => {
  expect(servedTally(tally)).toEqual(tally);
});

it.each([
  ['without a record', { ...tally, record: undefined }],
  ['of a name that is no domain name', { ...tally, domain: 'under_score.example' }],
])('Nothing is served of sessions %s', (_, odd) => {
  expect(servedTally(odd)).toBeUndefined();
});

it('Policies of two types that become the same are served as one', () => {
  const unknown = { ...policy, type: NEW_POLICY_TYPE };
  const twice = [...tally.policies, { policy: unknown, successful: 1, failed: 0, failures: [] }];
  expect(servedTally({ ...tally, policies: twice })?.policies).toEqual([
    { policy, successful: 4, failed: 0, failures: [] },
  ]);
});

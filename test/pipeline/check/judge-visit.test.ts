import { describe, expect, it } from 'vitest';
import { judgeVisit } from '#pipeline/check/judge-visit.ts';
import type { VisitedHost } from '#pipeline/check/judge-visit.ts';
import type { Visit } from '#pipeline/check/mail-host-visitor.ts';
import { encryptedVisit, FAKE_NOW_MS, KEY_DIGEST } from '#test/support/fake-senders-view.ts';

const HOST = 'mx.a.example';
const policy = { mode: 'testing', maxAgeSeconds: 86_400, mx: [HOST] } as const;
const own = { usage: 3, selector: 1, matchingType: 1, data: KEY_DIGEST };
const issuer = { ...own, usage: 2 };
const bare: VisitedHost = {
  host: HOST,
  domain: 'a.example',
  policy: undefined,
  records: [],
  nowMs: FAKE_NOW_MS,
  command: 'look',
};

function judge(visit: Visit, changes: Partial<VisitedHost> = {}): string[] {
  return judgeVisit(visit, { ...bare, ...changes })
    .filter(({ about, state }) => about === 'certificate' || state !== 'ok')
    .map(({ state, resultType = '-', policyType = '-' }) => `${state} ${resultType} ${policyType}`);
}

const good = encryptedVisit([HOST]);
const wrongName = encryptedVisit(['www.a.example']);
const expired = encryptedVisit([HOST], { trust: { kind: 'expired' } });
const untrusted = encryptedVisit([HOST], { trust: { kind: 'untrusted', why: 'SELF_SIGNED' } });

describe('judgeVisit', () => {
  it.each([
    ['a policy', { policy }, 'sts'],
    ['TLSA records', { records: [own] }, 'tlsa'],
    ['both', { policy, records: [own] }, 'tlsa'],
    ['neither', {}, 'no-policy-found'],
    ['a policy of the mode none', { policy: { ...policy, mode: 'none' } }, 'no-policy-found'],
  ] as const)('reports under %s that there is no STARTTLS', (_what, changes, policyType) => {
    expect(judge({ kind: 'no-starttls', why: '' }, changes)).toEqual([`wrong starttls-not-supported ${policyType}`]);
    expect(judge({ kind: 'tls-failed', why: '' }, changes)).toEqual([`wrong validation-failure ${policyType}`]);
  });

  it('cannot say what a server that is not reached would show', () => {
    expect(judge({ kind: 'unreachable', why: '' }, { policy, records: [own] })).toEqual(['unknown - -']);
  });

  it.each([
    ['a good certificate', good, ['ok - -']],
    ['an expired one', expired, ['wrong certificate-expired sts']],
    ['one that nobody vouches for', untrusted, ['wrong certificate-not-trusted sts']],
    ['one for another name', wrongName, ['wrong certificate-host-mismatch sts']],
  ])('judges under a policy, also in testing: %s', (_what, visit, findings) => {
    expect(judge(visit, { policy })).toEqual(findings);
  });

  it.each([expired, untrusted, wrongName])('only notes without a policy what senders do not look at', (visit) => {
    expect(judge(visit)).toEqual(['note - -']);
  });

  it.each([expired, untrusted, wrongName])('goes by TLSA records alone where there is no policy', (visit) => {
    expect(judge(visit, { records: [own] })).toEqual(['ok - tlsa']); // RFC 7672 3.1.1
  });

  it('judges by both where both apply', () => {
    expect(judge(wrongName, { policy, records: [own] })).toEqual(['ok - tlsa', 'wrong certificate-host-mismatch sts']);
  });

  it('takes the name of the domain for one of the host under TLSA records', () => {
    expect(judge(encryptedVisit(['a.example']), { records: [issuer] })).toEqual(['ok - tlsa']); // RFC 7672 3.2.2
    expect(judge(wrongName, { records: [issuer] })).toEqual(['wrong certificate-host-mismatch tlsa']);
  });

  it('says what the certificate is for', () => {
    const many = encryptedVisit(Array.from({ length: 9 }, (_, index) => `${String(index)}.example`));
    const causes = (visit: Visit): string | undefined =>
      judgeVisit(visit, { ...bare, policy }).find(({ state }) => state === 'wrong')?.cause;
    expect(causes(many)).toBe(
      'it is for 0.example, 1.example, 2.example, 3.example, 4.example and 4 more, not for mx.a.example',
    );
    expect(causes(encryptedVisit([]))).toBe('it is for no host name at all, not for mx.a.example');
  });
});

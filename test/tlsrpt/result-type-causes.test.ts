import { describe, expect, it } from 'vitest';
import { policyTypes } from '#tlsrpt/policy-type.ts';
import { causesOf } from '#tlsrpt/result-type-causes.ts';
import { resultTypes } from '#tlsrpt/result-type.ts';

describe('the causes of a result type', () => {
  it.each(resultTypes)('are told with their signs, in sentences: %s', (type) => {
    for (const policyType of policyTypes) {
      const causes = causesOf(type, policyType);
      expect(causes.length).toBeGreaterThan(0);
      for (const { sign, cause } of causes) expect(`If ${sign}: ${cause}`).toMatch(/^If \S[^\n]*[^.]: \S[^\n]+\.$/);
    }
  });

  it('are others under DANE, where TLSA records decide', () => {
    const [first] = causesOf('certificate-not-trusted', 'tlsa');
    expect(first?.cause).toContain('TLSA record');
    expect(causesOf('certificate-not-trusted', 'sts').map(({ cause }) => cause)).not.toContain(first?.cause);
  });
});

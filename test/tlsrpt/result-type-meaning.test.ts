import { describe, expect, it } from 'vitest';
import { policyTypes } from '#tlsrpt/policy-type.ts';
import { meaningOf } from '#tlsrpt/result-type-meaning.ts';
import { resultTypes } from '#tlsrpt/result-type.ts';

describe('the meaning of a result type', () => {
  it.each(resultTypes)('is told in whole sentences: %s', (type) => {
    for (const policyType of policyTypes) {
      const { meaning, check } = meaningOf(type, policyType);
      expect(meaning).toMatch(/^[A-Z][^\n]+\.$/);
      expect(`Check ${check}`).toMatch(/^Check [a-z][^\n]+\.$/);
    }
  });

  it('is another one under DANE, where no authority but a TLSA record decides', () => {
    expect(meaningOf('certificate-not-trusted', 'sts').check).toContain('well-known authority');
    const { meaning, check } = meaningOf('certificate-not-trusted', 'tlsa');
    expect([meaning, check].join(' ')).not.toMatch(/authorit|intermediate/);
    expect(check).toContain('TLSA record');
  });
});

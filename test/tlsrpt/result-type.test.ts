import { describe, expect, it } from 'vitest';
import { resultTypeOf, resultTypes } from '#tlsrpt/result-type.ts';

describe('resultTypeOf', () => {
  it.each([
    [201, 'starttls-not-supported'],
    [202, 'certificate-host-mismatch'],
    [203, 'certificate-not-trusted'],
    [204, 'certificate-expired'],
    [205, 'validation-failure'],
    [301, 'sts-policy-fetch-error'],
    [302, 'sts-policy-invalid'],
    [303, 'sts-webpki-invalid'],
    [304, 'tlsa-invalid'],
    [305, 'dnssec-invalid'],
    [306, 'dane-required'],
  ])('knows the code %i as %s', (code, resultType) => {
    expect(resultTypeOf(code)).toBe(resultType);
  });

  it.each([901, 200, 0, '201', undefined, null, NaN, {}])('knows no code %j', (code) => {
    expect(resultTypeOf(code)).toBeUndefined();
  });

  it('reaches every type of the registry', () => {
    const reached = Array.from({ length: 1_000 }, (_, code) => resultTypeOf(code)).filter((type) => type !== undefined);
    expect(reached.sort()).toEqual([...resultTypes].sort());
  });
});

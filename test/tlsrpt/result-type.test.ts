import { describe, expect, it } from 'vitest';
import { isKnownResultType, libtlsrptCodeOf, readResultType, resultTypeOf, resultTypes } from '#tlsrpt/result-type.ts';

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

describe('readResultType', () => {
  it.each(resultTypes)('knows %s', (type) => {
    expect(readResultType(type)).toBe(type);
    expect(isKnownResultType(type)).toBe(true);
  });

  it('keeps a type that was registered later, which libtlsrpt has no code for', () => {
    const type = readResultType('ech-required');
    expect(type).toBe('ech-required');
    expect(type && isKnownResultType(type)).toBe(false);
    expect(type && libtlsrptCodeOf(type)).toBe(205);
  });

  it.each(['', 'TLSA-invalid', 'x'.repeat(65), 'a\r\nb', 5, null, undefined])('takes nothing else: %j', (value) => {
    expect(readResultType(value)).toBeUndefined();
  });
});

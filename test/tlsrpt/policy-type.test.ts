import { describe, expect, it } from 'vitest';
import { isKnownPolicyType, policyTypes, readPolicyType } from '#tlsrpt/policy-type.ts';

describe('a policy type', () => {
  it.each(policyTypes)('is known when RFC 8460 has it: %s', (type) => {
    expect(readPolicyType(type)).toBe(type);
    expect(isKnownPolicyType(type)).toBe(true);
  });

  it('is kept when it is of another version', () => {
    const type = readPolicyType('dnssec-sts');
    expect(type).toBe('dnssec-sts');
    expect(type && isKnownPolicyType(type)).toBe(false);
  });

  it.each(['', 'STS', 'x'.repeat(65), 'a\r\nb', 5, null, undefined])('cannot be %j', (value) => {
    expect(readPolicyType(value)).toBeUndefined();
  });

  it.each(['constructor', 'toString', '__proto__'])(
    'is not known because objects have something of its name: %s',
    (name) => {
      const type = readPolicyType(name);
      expect(type !== undefined && isKnownPolicyType(type)).toBe(false);
    },
  );
});

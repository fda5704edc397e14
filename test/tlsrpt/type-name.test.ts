import { describe, expect, it } from 'vitest';
import { isTypeName } from '#tlsrpt/type-name.ts';

describe('isTypeName', () => {
  it.each(['sts', 'no-policy-found', 'tls13-ech', 'a', 'x'.repeat(64)])('takes %s', (text) => {
    expect(isTypeName(text)).toBe(true);
  });

  it.each(['', 'x'.repeat(65), 'STS', 'a b', 'a\n', 'a\u0000', 'ü', 'a_b', '"', 5, null, undefined, ['sts'], {}])(
    'refuses %j',
    (value) => {
      expect(isTypeName(value)).toBe(false);
    },
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAuthenticationResults } from '#tlsrpt/authentication-results.ts';

const pieces = fc.constantFrom(
  'mx.example',
  ';',
  ' ',
  'dkim=',
  'pass',
  '(',
  ')',
  '"',
  '\\',
  'header.d=a.example',
  '\t',
  '=',
);

describe('Authentication-Results', () => {
  it('are read whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 200 }), (words) => {
        const read = readAuthenticationResults(words.join(''));
        for (const { domain } of read?.dkim ?? []) expect(domain ?? 'a').toMatch(/^[a-z0-9._-]+$/);
      }),
    );
  });

  it('say nothing in words of strangers, which are in comments and quoted strings', () => {
    const claim = '; dkim=pass header.d=a.example';
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, behind) => {
        const words = `${before}${claim}${behind}`;
        const quoted = words.replace(/["\\]/g, '\\$&');
        const comment = words.replace(/[()\\]/g, '\\$&');
        expect(readAuthenticationResults(`mx.example; spf=pass reason="${quoted}" (${comment})`)?.dkim).toEqual([]);
      }),
    );
  });

  it('are not read where they are longer than any', () => {
    expect(readAuthenticationResults(`mx.example; dkim=pass${' '.repeat(16_384)}`)).toBeUndefined();
    expect(readAuthenticationResults(`mx.example; dkim=pass${' '.repeat(16_000)}`)?.dkim).toHaveLength(1);
  });
});

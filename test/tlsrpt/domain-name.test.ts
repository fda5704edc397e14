import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalDomain, isDnsName, isUsableDomain } from '#tlsrpt/domain-name.ts';

describe('canonicalDomain', () => {
  it.each([
    ['good.example', 'good.example'],
    ['Good.EXAMPLE.', 'good.example'],
    [' good.example ', 'good.example'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['BÜCHER.example.', 'xn--bcher-kva.example'],
    ['bu\u0308cher.example', 'xn--bcher-kva.example'], // the other Unicode form of ü
    ['faß.example', 'xn--fa-hia.example'], // IDNA 2008, not 2003
    ['例え.jp', 'xn--r8jz45g.jp'],
    ['例え。jp。', 'xn--r8jz45g.jp'], // ideographic full stops
    ['*.пример.рф', '*.xn--e1afmkfd.xn--p1ai'], // an MX pattern
    ['_dmarc.bücher.example', '_dmarc.xn--bcher-kva.example'],
    [`${'u\u0308'.repeat(40)}.example`, `xn--tda${'a'.repeat(39)}.example`], // as long as 80 only in this form
    ['', ''],
    ['.', ''],
  ])('writes %j as %j', (name, canonical) => {
    expect(canonicalDomain(name)).toBe(canonical);
  });

  it.each([
    'ü@evil.example', // credentials in a URL
    'ü.example/evil.example', // a path
    'ü.example?evil', // a query
    'ü.example#evil', // a fragment
    'ü.example:25', // a port
    'ü.example\\evil', // another path
    'ü%2eexample', // decoded in a URL
    'ü.\r\nexample', // dropped in a URL
    '[ü::1]',
    'ü'.repeat(254),
    `${'例'.repeat(250)}.jp`, // whose A-labels are too long
    '\ud800.example',
    `${'ü'.repeat(64)}.example`, // a label that is too long
    `a.${'例'.repeat(64)}。jp`,
  ])('leaves what is no name as it is: %j', (name) => {
    expect(canonicalDomain(name)).toBe(name);
  });

  it('never throws, and a usable name has one canonical form', () => {
    const name = fc.array(
      fc.oneof(fc.domain(), fc.string({ unit: 'binary' }), fc.constantFrom('ü', '.', '。', '@', '/')),
    );
    fc.assert(
      fc.property(name, (parts) => {
        const canonical = canonicalDomain(parts.join(''));
        if (isUsableDomain(canonical)) expect(canonicalDomain(canonical)).toBe(canonical);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('isUsableDomain', () => {
  it.each([
    'example',
    'good.example',
    'xn--bcher-kva.example',
    '1.2.3.example',
    'example.a1',
    'ab--cd.example',
    `${'a'.repeat(63)}.example`,
  ])('takes %s', (name) => {
    expect(isUsableDomain(name)).toBe(true);
  });

  it.each([
    '', // nothing
    '.', // the root
    'good.example.', // not canonical
    'Good.example', // not canonical
    'a..example', // an empty label
    '-a.example', // a hyphen at the start
    'a-.example', // and at the end
    'bücher.example', // not an A-label
    'a b.example',
    'a!b.example', // would end a part of the file name
    '../etc/passwd',
    'a/b.example',
    'a\r\nBcc: x',
    '*.example', // a pattern is no name
    '_smtp._tls.x.example', // a name in DNS, but of no host
    'x_y.example',
    '192.0.2.1', // an IPv4 address
    '192.0.2.0x1', // and in another form
    '1',
    'mx.example.1',
    'xn--a.example', // stands for nothing
    'xn--.example',
    'a.xn--0.example',
    'xn--a-ecp.example', // stands for what would be written otherwise
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(127)}aa`,
  ])('refuses %j', (name) => {
    expect(isUsableDomain(name)).toBe(false);
  });
});

describe('isDnsName', () => {
  it.each(['x.example', '_smtp._tls.x.example', 'x_y.example', '192.0.2.1', 'xn--a.example'])('takes %s', (name) => {
    expect(isDnsName(name)).toBe(true);
  });

  it.each(['', 'X.example', 'x..example', 'a b.example', '*.example', `${'a.'.repeat(127)}aa`])(
    'refuses %j',
    (name) => {
      expect(isDnsName(name)).toBe(false);
    },
  );
});

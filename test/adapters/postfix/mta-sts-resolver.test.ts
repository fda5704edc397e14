import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tellingZones } from '#adapters/postfix/mta-sts-resolver.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

/** Of `postfix` and `strict`. */
function zonesOf(...lines: readonly string[]): boolean[] {
  const path = join(scratchDirectory(), 'mta-sts-daemon.yml');
  writeFileSync(path, lines.join('\n'));
  return ['postfix', 'strict'].map(tellingZones(path));
}

describe('The settings of postfix-mta-sts-resolver', () => {
  it('say of the default zone whether Postfix is told of policies, for every zone without settings', () => {
    expect(zonesOf('host: 127.0.0.1', 'default_zone:', '  strict_testing: false', '  tlsrpt: true')).toEqual([
      true,
      true,
    ]);
    expect(zonesOf('default_zone: {timeout: 4, tlsrpt: yes}')).toEqual([true, true]);
    expect(zonesOf('default_zone:', '  timeout: 4', '#  tlsrpt: true')).toEqual([false, false]);
  });

  it('say it of a zone by itself, where the default is no', () => {
    const zones = ['zones:', '  strict:', '    strict_testing: true'];
    expect(zonesOf('default_zone: {tlsrpt: true}', ...zones)).toEqual([true, false]);
    expect(zonesOf('default_zone: {tlsrpt: false}', ...zones, '    tlsrpt: true')).toEqual([false, true]);
  });

  it.each([
    [''],
    ['default_zone'],
    ['default_zone: [1]'],
    ['zones: 5'],
    ['a: &a [*a, {'],
    ['default_zone: {tlsrpt: "true"}'],
    ['- 1'],
  ])('say nothing where they are %j', (text) => {
    expect(zonesOf(text)).toEqual([false, false]);
  });

  it('say nothing where there are none', () => {
    expect(tellingZones(join(scratchDirectory(), 'none'))('postfix')).toBe(false);
  });
});

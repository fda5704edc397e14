import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowsHost, readStsPolicy } from '#tlsrpt/sts-policy.ts';

const GOOD = 'version: STSv1\r\nmode: enforce\r\nmx: mx.a.example\r\nmx: *.b.example\r\nmax_age: 604800\r\n';

function mistakesIn(text: string): unknown[] {
  const reading = readStsPolicy(text);
  return reading.kind === 'policy' ? [] : reading.mistakes.map(({ why, place }) => [why, place?.line, place?.start]);
}

describe('readStsPolicy', () => {
  it('reads mode, age and hosts', () => {
    expect(readStsPolicy(GOOD)).toEqual({
      kind: 'policy',
      policy: { mode: 'enforce', maxAgeSeconds: 604_800, mx: ['mx.a.example', '*.b.example'] },
    });
  });

  it.each([
    ['lines that end in LF alone', GOOD.replaceAll('\r', '')], // RFC 8461 3.2
    ['no end of the last line', GOOD.trimEnd()],
    ['blanks around values', GOOD.replaceAll(': ', ':\t ').replaceAll('\r\n', ' \r\n')],
    ['keys that nobody knows', `${GOOD}x-note: Grüße, and: colons\r\n`],
    ['a second mode, which does not count', `${GOOD}mode: none\r\n`],
    ['names in capitals', GOOD.replace('mx.a', 'MX.A')],
  ])('takes %s', (_what, text) => {
    expect(readStsPolicy(text)).toMatchObject({ policy: { mode: 'enforce', mx: ['mx.a.example', '*.b.example'] } });
  });

  it('wants no hosts in the mode none', () => {
    expect(mistakesIn('version: STSv1\nmode: none\nmax_age: 86400\n')).toEqual([]);
  });

  it.each([
    ['version: STSv1', 'version: STSv2', 'the version is not STSv1', 1, 9],
    ['mode: enforce', 'mode:  enforced', 'the mode is neither enforce nor testing nor none', 2, 7],
    ['mode: enforce', 'mode = enforce', '"mode = enforce" is no line of the form key: value', 2, 0],
    ['mx: mx.a.example', 'mx: mx.*.example', 'mx is neither the name of a host nor *. with a domain', 3, 4],
    [
      'mx: mx.a.example',
      'mx: mx.a.example, mx2.a.example',
      'mx is neither the name of a host nor *. with a domain',
      3,
      4,
    ],
    ['max_age: 604800', 'max_age: 1 week', 'max_age is no number of seconds up to 31557600', 5, 9],
    ['max_age: 604800', 'max_age: 31557601', 'max_age is no number of seconds up to 31557600', 5, 9],
  ])('finds the mistake where %s is %s', (right, wrong, ...mistake) => {
    expect(mistakesIn(GOOD.replace(right, wrong))).toContainEqual(mistake);
  });

  it.each(['version', 'mode', 'mx', 'max_age'])('misses the line %s', (key) => {
    const text = GOOD.replaceAll(new RegExp(`^${key}:.*\\r\\n`, 'gm'), '');
    expect(mistakesIn(text)).toEqual([[`it has no line "${key}: ..."`, undefined, undefined]]);
  });

  it('finds all mistakes at once', () => {
    expect(mistakesIn('<html>\nmode: maybe\n')).toHaveLength(5);
  });

  it.each([
    ['a thousand lines', 'mx: a.example\n'.repeat(1_001)],
    ['a line without end', `mx: ${'a'.repeat(60_000)}`],
  ])('is not impressed by %s', (_what, text) => {
    expect(mistakesIn(text).length).toBeGreaterThan(0);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        readStsPolicy(text);
        readStsPolicy(GOOD.replace('mx.a.example', text));
      }),
    );
  });
});

describe('allowsHost', () => {
  const policy = { mode: 'enforce', maxAgeSeconds: 1, mx: ['mx.a.example', '*.b.example'] } as const;

  it.each([
    ['mx.a.example', true], // the very name
    ['mx2.a.example', false],
    ['mx.b.example', true], // RFC 8461 4.1: one label for the star
    ['b.example', false], // not none
    ['mx.eu.b.example', false], // and not two
  ])('says of %s: %j', (host, isAllowed) => {
    expect(allowsHost(policy, host)).toBe(isAllowed);
  });
});

import { describe, expect, it } from 'vitest';
import { readPythonPattern } from '#support/python/pattern.ts';
import { readSubstitution } from '#support/python/substitution.ts';

function refusal(pattern: string, template: string): string | undefined {
  const reading = readPythonPattern(pattern);
  if (reading.kind === 'refused') throw new Error(reading.why);
  const substitution = readSubstitution(reading.pattern, template);
  return substitution.kind === 'refused' ? substitution.why : undefined;
}

describe('readSubstitution', () => {
  it.each([String.raw`\2`, String.raw`\12`, String.raw`\g<2>`, String.raw`\g<name>`])(
    'refuses %s when the pattern has no such group',
    (template) => {
      expect(refusal('(a)', template)).toBe('the substitution refers to a group that the pattern does not have');
    },
  );

  it.each([
    [String.raw`\q`, String.raw`\q in the substitution is not known`],
    [String.raw`\x41`, String.raw`\x in the substitution is not known`],
    [String.raw`\g1`, String.raw`\g in the substitution is not known`],
    ['a\\', String.raw`\ in the substitution is not known`],
  ])('refuses %s, as Python does', (template, why) => {
    expect(refusal('(a)', template)).toBe(why);
  });

  it.each(['|a', 'a??', '(?:x|)'])('refuses %s, of which Python makes more than JavaScript', (pattern) => {
    expect(refusal(pattern, '-')).toBe('the pattern can match nothing; write what it must match');
  });
});

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readPythonPattern } from '#support/python/pattern.ts';
import { matcherOf, readSubstitution } from '#support/python/substitution.ts';

interface RecordedCase {
  readonly pattern: string;
  readonly template: string;
  readonly texts: readonly string[];
  readonly matches: readonly boolean[];
  readonly substituted: readonly string[];
}

/** What re.match and re.sub of CPython 3.11 answered. */
const RECORDED = JSON.parse(
  readFileSync(new URL('../../fixtures/python/patterns.json', import.meta.url), 'utf8'),
) as RecordedCase[];

function refusal(text: string): string | undefined {
  const reading = readPythonPattern(text);
  return reading.kind === 'refused' ? reading.why : undefined;
}

describe('readPythonPattern', () => {
  it.each(RECORDED)('matches and replaces as Python does: $pattern', ({ pattern, template, texts, ...python }) => {
    const reading = readPythonPattern(pattern);
    if (reading.kind === 'refused') throw new Error(reading.why);
    expect(texts.map(matcherOf(reading.pattern))).toEqual(python.matches);
    const substitution = readSubstitution(reading.pattern, template);
    if (substitution.kind === 'refused') throw new Error(substitution.why);
    expect(texts.map(substitution.substitute)).toEqual(python.substituted);
  });

  it.each([
    ['(?P<a>x)(?(a)y|z)', '(?(a cannot be translated'],
    ['(?>a+)b', '(?>a cannot be translated'],
    ['a++', 'a possessive repetition cannot be translated'],
    ['(?i:a)b', 'flags for a part cannot be translated; write (?i) at the start'],
    ['a(?i)', '(?i) cannot be translated'],
    ['(?x)a', 'the flags L and x cannot be translated'],
    [String.raw`\N{DIGIT ONE}`, String.raw`\N cannot be translated`],
    [String.raw`(a)?\1`, 'it refers to group 1, which may be unset; that cannot be translated'],
    [String.raw`(a)|\1`, 'it refers to group 1, which may be unset; that cannot be translated'],
    ['(?:(a)|b)+', 'group 1 is repeated, and may be unset or empty in the last round'],
    ['(a*)*', 'group 1 is repeated, and may be unset or empty in the last round'],
    ['(?<=(a))b', 'a group within what is looked back at, or must not follow, cannot be translated'],
  ])('refuses %s, which JavaScript cannot do in the same way', (text, why) => {
    expect(refusal(text)).toBe(why);
  });

  it.each([
    ['(a', 'a parenthesis ( is not closed'],
    ['a)', 'a parenthesis ) was never opened'],
    ['[a', 'a bracket [ is not closed'],
    ['[z-a]', 'a range between brackets has no beginning or end'],
    [String.raw`[\w-z]`, 'a range between brackets has no beginning or end'],
    ['*a', 'there is nothing to repeat'],
    ['^*', 'there is nothing to repeat'],
    ['a**', 'a repetition is repeated'],
    [String.raw`\1(a)`, 'it refers to a group that is not there yet'],
    [String.raw`(a\1)`, 'it refers to a group that is not there yet'],
    ['(?P<a>x)(?P<a>y)', 'there are two groups named a'],
    [String.raw`\q`, String.raw`\q cannot be translated`],
    [String.raw`[\q]`, String.raw`\q between brackets is not known`],
    ['\\', String.raw`\ cannot be translated`],
    [String.raw`\777`, String.raw`\777 is no octal escape`],
    [String.raw`\U00110000`, 'there is no such character'],
    ['('.repeat(60), 'its groups are nested too deeply'],
  ])('refuses %s, which is no pattern in Python either', (text, why) => {
    expect(refusal(text)).toBe(why);
  });

  it('refuses bounds in the wrong order', () => {
    expect(refusal('a{3,1}')).toContain('numbers out of order');
  });

  it('never throws, whatever it reads', () => {
    const signs = '( ) [ ] { } ? * + | ^ $ . \\ a P<n> ?: ?= ?<! 1 , - # x u U N'.split(' ');
    const piece = fc.constantFrom(...signs);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (text) => {
          const reading = readPythonPattern(text);
          if (reading.kind === 'pattern') expect(typeof matcherOf(reading.pattern)('')).toBe('boolean');
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

import { describe, expect, it } from 'vitest';
import { parseEntry } from '#sys4/maps/parse-entry.ts';

function matchesOf(pattern: string, names: readonly string[]): boolean[] {
  const reading = parseEntry(`${pattern} ACCEPT`);
  if (reading.kind === 'malformed') throw new Error(reading.why);
  const { matches } = reading.entry;
  return names.map((domain) => matches({ domain, text: domain }));
}

describe('the pattern of an entry', () => {
  const names = ['example.com', 'a.example.com', 'b.a.example.com', 'badexample.com', 'example.com.x'];

  it.each([
    ['example.com', [true, false, false, false, false]],
    ['domain:example.com', [true, false, false, false, false]],
    ['EXAMPLE.com.', [true, false, false, false, false]],
    ['.example.com', [false, true, true, false, false]],
    ['domain:.example.com', [false, true, true, false, false]],
    ['.', [true, true, true, true, true]],
    ['domain:.', [true, true, true, true, true]],
    ['regexp:example', [true, false, false, false, true]], // from the start, not to the end
    ['regexp:.*example', [true, true, true, true, true]],
    [String.raw`regexp:.*\.example\.com$`, [false, true, true, false, false]],
    [String.raw`regexp:(?P<x>[ab])\.`, [false, true, true, false, false]],
  ])('%s', (pattern, expected) => {
    expect(matchesOf(pattern, names)).toEqual(expected);
  });

  it('is held against the domain, or as an expression against the whole', () => {
    const subject = { domain: 'a.example', text: 'mailto:tls@a.example' };
    const matches = ['a.example', 'regexp:mailto:', 'regexp:a'].map((pattern) => {
      const reading = parseEntry(`${pattern} ACCEPT`);
      return reading.kind === 'entry' && reading.entry.matches(subject);
    });
    expect(matches).toEqual([true, true, false]);
  });

  it('may be written with other letters than A to Z', () => {
    expect(matchesOf('bücher.example', ['xn--bcher-kva.example'])).toEqual([true]);
    expect(matchesOf('.bücher.example', ['mx.xn--bcher-kva.example'])).toEqual([true]);
  });
});

describe('the action of an entry', () => {
  function rewritten(action: string, uris = ['mailto:a@x.example', 'https://x.example/r']): readonly string[] {
    const reading = parseEntry(`x.example ${action}`);
    if (reading.kind === 'malformed') throw new Error(reading.why);
    return reading.entry.rewrite(uris);
  }

  it.each([
    ['ACCEPT', ['mailto:a@x.example', 'https://x.example/r']],
    ['DISCARD', []],
    ['REPLACE mailto:b@y.example', ['mailto:b@y.example']],
    ['REPLACE mailto:b@y.example directory:/r', ['mailto:b@y.example', 'directory:/r']],
    ['REPLACE mailto:b@y.example,directory:/r', ['mailto:b@y.example', 'directory:/r']],
    ['APPEND directory:/r', ['mailto:a@x.example', 'https://x.example/r', 'directory:/r']],
    [String.raw`REGEXP (\w+)@x\.example \1+tls@y.example`, ['mailto:a+tls@y.example', 'https://x.example/r']],
    [String.raw`REGEXP ^mailto:(.*)$ https://gw.example/\1`, ['https://gw.example/a@x.example', 'https://x.example/r']],
    ['REGEXP ^mailto:.*,https:.*$ directory:/r', ['mailto:a@x.example', 'https://x.example/r']],
    ['REGEXP ^mailto:.* ,', ['https://x.example/r']],
    ['REGEXP nothing else', ['mailto:a@x.example', 'https://x.example/r']],
    [
      'REGEXP ^mailto:.+ mailto:b@y.example,directory:/r',
      ['mailto:b@y.example', 'directory:/r', 'https://x.example/r'],
    ],
  ])('%s', (action, expected) => {
    expect(rewritten(action)).toEqual(expected);
  });
});

describe('a malformed entry', () => {
  it.each([
    ['x.example', 'there is no action behind the pattern'],
    ['x.example accept', 'accept is none of the actions ACCEPT, DISCARD, REPLACE, APPEND and REGEXP'],
    ['x.example ACCEPT x', 'ACCEPT takes no arguments'],
    ['x.example DISCARD mailto:a@x.example', 'DISCARD takes no arguments'],
    ['x.example REPLACE', 'REPLACE needs a URI: mailto:, https: or directory:'],
    ['x.example APPEND ,', 'APPEND needs a URI: mailto:, https: or directory:'],
    ['x.example REPLACE a@x.example', 'a@x.example cannot be used: its scheme is neither mailto nor https'],
    ['x.example APPEND directory:r', 'directory:r cannot be used: its path does not begin with a slash'],
    ['x.example REGEXP a', 'REGEXP takes a pattern and a substitution, both without blanks'],
    ['x.example REGEXP a b c', 'REGEXP takes a pattern and a substitution, both without blanks'],
    ['x.example REGEXP a++ b', 'the pattern a++ cannot be used: a possessive repetition cannot be translated'],
    [
      String.raw`x.example REGEXP a \1`,
      String.raw`the substitution \1 cannot be used: the substitution refers to a group that the pattern does not have`,
    ],
    ['regex:x ACCEPT', 'a pattern begins with domain: or regexp:, not with regex:'],
    ['regexp: ACCEPT', 'regexp: has no expression behind it'],
    ['a/b ACCEPT', 'a/b is no domain name'],
    ['*.example ACCEPT', '*.example is no domain name'],
  ])('is refused: %s', (text, why) => {
    expect(parseEntry(text)).toEqual({ kind: 'malformed', why });
  });
});

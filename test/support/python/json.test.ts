import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPythonJson } from '#support/python/json.ts';
import { has } from '#test/support/real-parts.ts';

/** What json.dumps makes of each of them. */
function dumped(values: readonly unknown[]): unknown {
  const program = 'import json, sys; print(json.dumps([json.dumps(one) for one in json.load(sys.stdin)]))';
  const { stdout, stderr } = spawnSync('python3', ['-c', program], { input: JSON.stringify(values), encoding: 'utf8' });
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout) as unknown;
}

describe('formatPythonJson', () => {
  it.each([
    [[], '[]'],
    [{}, '{}'],
    [{ b: [1, 'x'], a: { c: true, d: null } }, '{"b": [1, "x"], "a": {"c": true, "d": null}}'],
    [{ a: undefined, b: 1 }, '{"b": 1}'],
    ['a/b "c" \\ \u007f \u00e9 \u{1f4e7}', String.raw`"a/b \"c\" \\ \u007f \u00e9 \ud83d\udce7"`],
    ['\b\f\n\r\t\u0000\u001f', String.raw`"\b\f\n\r\t\u0000\u001f"`],
    ['\u2028\ud800', String.raw`"\u2028\ud800"`],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
  ])('writes %j as %s', (value, expected) => {
    expect(formatPythonJson(value)).toBe(expected);
  });

  it.runIf(has('python3'))('writes any value without fractions as json.dumps does', () => {
    const text = fc.string({ unit: 'binary' });
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        text,
        fc.maxSafeInteger(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value')),
        fc.dictionary(text, tie('value')),
      ),
    }));
    const values = fc.sample(value, { numRuns: 500, seed: 1 });
    expect(values.map(formatPythonJson)).toEqual(dumped(values));
  });
});

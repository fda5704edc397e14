import { describe, expect, it } from 'vitest';
import { jsonBytes } from '#tlsrpt/json-encoding.ts';
import { jsonValuesIn } from '#tlsrpt/json-values.ts';
import type { FoundValues } from '#tlsrpt/json-values.ts';

function found(text: string): FoundValues {
  return jsonValuesIn(jsonBytes(Buffer.from(text)));
}

describe('the JSON values in a text', () => {
  it.each<[string, unknown[], boolean, string | undefined]>([
    ['{"a": "]}\\"{"} [1]', [{ a: ']}"{' }, [1]], false, undefined],
    ['[1] words', [[1]], true, 'not-json'],
    ['[1] [2', [[1]], true, 'truncated'],
    ['[1] {"a": "2', [[1]], true, 'truncated'],
    ['[1] {2}', [[1]], true, 'not-json'],
    ['"a" [1]', ['a', [1]], false, undefined],
    ['7', [7], false, undefined],
    ['words', [], true, 'not-json'],
    ['"words', [], true, 'truncated'],
    [' ', [], false, undefined],
  ])('of %s are found up to what is none', (text, values, hasRest, flaw) => {
    expect(found(text)).toEqual({ values, hasRest, flaw, repeated: 0 });
  });

  it('are no more than a thousand', () => {
    const { values, hasRest } = found('[]'.repeat(1_001));
    expect([values.length, hasRest]).toEqual([1_000, true]);
  });

  it('have a count of the members whose name is there already', () => {
    expect(found('{"a": 1, "a": {"b": 1, "b": 2, "c": ":"}} [{"a": 1}, {"a": 2}]').repeated).toBe(2);
  });
});

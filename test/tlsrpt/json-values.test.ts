import { describe, expect, it } from 'vitest';
import { jsonValuesIn } from '#tlsrpt/json-values.ts';

describe('the JSON values in a text', () => {
  it.each<[string, unknown[], string, boolean]>([
    ['{"a": "]}\\"{"} [1]', [{ a: ']}"{' }, [1]], '', false],
    ['[1] words', [[1]], 'words', false],
    ['[1] [2', [[1]], '[2', true],
    ['[1] {"a": "2', [[1]], '{"a": "2', true],
    ['[1] {2}', [[1]], '{2}', false],
    ['"a" [1]', [], '"a" [1]', false],
    ['7', [7], '', false],
    ['', [], '', false],
  ])('of %s are found up to what is none', (text, values, rest, isCutShort) => {
    expect(jsonValuesIn(text)).toEqual({ values, rest, isCutShort });
  });

  it('are no more than a thousand', () => {
    const { values, rest } = jsonValuesIn('[]'.repeat(1_001));
    expect([values.length, rest]).toEqual([1_000, '[]']);
  });
});

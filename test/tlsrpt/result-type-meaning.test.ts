import { describe, expect, it } from 'vitest';
import { meaningOf } from '#tlsrpt/result-type-meaning.ts';
import { resultTypes } from '#tlsrpt/result-type.ts';

describe('the meaning of a result type', () => {
  it.each(resultTypes)('is told in whole sentences: %s', (type) => {
    expect(meaningOf[type].meaning).toMatch(/^[A-Z][^\n]+\.$/);
    expect(`Check ${meaningOf[type].check}`).toMatch(/^Check [a-z][^\n]+\.$/);
  });
});

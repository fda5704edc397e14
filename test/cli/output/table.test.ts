import { describe, expect, it } from 'vitest';
import { formatTable } from '#cli/output/table.ts';

describe('formatTable', () => {
  it('makes columns as wide as their widest cell, without trailing blanks', () => {
    expect(formatTable([['a', 'bb', 'c'], ['aaa', 'b'], []])).toBe('a    bb  c\naaa  b\n\n');
  });

  it('has as many rows as it is given, also very many', () => {
    const rows = Array.from({ length: 200_000 }, () => ['a', 'b']);
    expect(formatTable(rows)).toHaveLength(200_000 * 'a  b\n'.length);
  });
});

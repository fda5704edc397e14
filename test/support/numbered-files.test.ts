import { describe, expect, it } from 'vitest';
import { numberedFiles } from '#support/numbered-files.ts';

describe('numberedFiles', () => {
  it('finds the files of one stem and extension, in the order of their numbers', () => {
    const names = ['a.10.journal', 'a.2.journal', 'b.1.journal', 'a.1.sqlite', 'a.sqlite', 'a.1.journal'];
    expect(numberedFiles(names, 'a', 'journal')).toEqual([
      { name: 'a.1.journal', number: 1 },
      { name: 'a.2.journal', number: 2 },
      { name: 'a.10.journal', number: 10 },
    ]);
  });

  it.each([
    'a.journal',
    'a..journal',
    'a.01.journal',
    'a.-1.journal',
    'a.1e3.journal',
    'a.1.journal.x',
    '.a.1.journal',
  ])('leaves out %s', (name) => {
    expect(numberedFiles([name], 'a', 'journal')).toEqual([]);
  });

  it('leaves out what leads elsewhere, and numbers that cannot be counted', () => {
    expect(
      numberedFiles(['a.1/../../x.journal', `a.${'9'.repeat(9)}.journal`, 'a.1\n.journal'], 'a', 'journal'),
    ).toEqual([]);
  });
});

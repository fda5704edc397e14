import { describe, expect, it } from 'vitest';
import { lockedProblem, StoreProblem, writeProblem } from '#store/store-problem.ts';

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: something, write`), { code });
}

describe('A problem with writing a file', () => {
  it.each([
    ['ENOSPC', 'disk-full'],
    ['EDQUOT', 'disk-full'],
    ['EROFS', 'store-not-writable'],
    ['EACCES', 'store-not-writable'],
  ])('from %s is %s, and names the file', (errno, code) => {
    const problem = writeProblem('/state/file', systemError(errno));
    expect(problem).toBeInstanceOf(StoreProblem);
    expect(problem).toMatchObject({ code, message: expect.stringContaining('/state/file') as string });
  });

  it('stays what it is when it has a name already', () => {
    const locked = lockedProblem('/state/file', 'process 1');
    expect(writeProblem('/state/other', locked)).toBe(locked);
  });
});

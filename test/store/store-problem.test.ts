/** The tests of owners need root. */
import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockedProblem, readProblem, StoreProblem, writeProblem } from '#store/store-problem.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

/** No user of the system. */
const SOMEBODY = 54_321;

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

describe('What to do about a file', () => {
  it.each([
    ['EIO', 'Look at the disk'],
    ['EMFILE', 'Let it open more files: LimitNOFILE='],
    ['EROFS', 'Mount its file system'],
    ['ENOTDIR', 'Something of another kind is in its place'],
    ['EACCES', 'Let the user that runs this read it.'],
  ])('that cannot be read because of %s is said: %s', (errno, remedy) => {
    expect(readProblem('/state/file', systemError(errno)).message).toContain(`something, write. ${remedy}`);
  });

  it('that cannot be written because nobody may is said', () => {
    expect(writeProblem('/state/file', systemError('EPERM')).message).toMatch(
      /Let the user that runs this write to it/,
    );
  });

  it('of root, or of another user, that nobody else may use is said', () => {
    const file = join(scratchDirectory(), 'file');
    writeFileSync(file, '');
    chmodSync(dirname(file), 0o755);
    process.seteuid?.(SOMEBODY);
    const ofRoot = readProblem(file, systemError('EACCES')).message;
    process.seteuid?.(0);
    expect(ofRoot).toContain(
      `${file} belongs to root; if that is a mistake: chown -R ${String(SOMEBODY)} ${dirname(file)}.`,
    );
    chownSync(file, SOMEBODY, SOMEBODY);
    const ofSomebody = writeProblem(file, systemError('EACCES')).message;
    expect(ofSomebody).toContain(`${file} belongs to ${String(SOMEBODY)}: run this as that user, or as root.`);
  });

  it('is not made up', () => {
    expect(writeProblem('/state/file', systemError('ENOENT')).message).toMatch(/ENOENT: something, write\.$/);
  });
});

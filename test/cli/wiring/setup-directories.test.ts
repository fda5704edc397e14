import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDirectory, realPath, writeDirectory } from '#cli/wiring/setup-directories.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const nameOf = (what: '-un' | '-gn'): string => execFileSync('id', [what], { encoding: 'utf8' }).trim();
const OURS = `${nameOf('-un')}:${nameOf('-gn')}`;

describe('A directory that setting up makes', () => {
  it('has the owner and the mode that it should have, and goes again', () => {
    const path = join(scratchDirectory(), 'run');
    expect(writeDirectory(path, `${OURS} 0751`)).toBeUndefined();
    expect(readDirectory(path)).toBe(`${OURS} 0751`);
    expect(writeDirectory(path, null)).toBeUndefined();
    expect(readDirectory(path)).toBeNull();
  });

  it('is not there before it has both, so who is cut off finds nothing in his way', () => {
    const directory = scratchDirectory();
    const path = join(directory, 'run');
    expect(() => writeDirectory(path, `${OURS}-nobody 0751`)).toThrow(/chown .* failed/);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is made also where an attempt was cut off before', () => {
    const directory = scratchDirectory();
    const path = join(directory, 'run');
    mkdirSync(join(directory, '.run.tmp'), { mode: 0o700 });
    writeDirectory(path, `${OURS} 0755`);
    expect([readDirectory(path), existsSync(join(directory, '.run.tmp'))]).toEqual([`${OURS} 0755`, false]);
  });

  it('leaves nothing of an attempt that was cut off when it goes', () => {
    const directory = scratchDirectory();
    mkdirSync(join(directory, '.run.tmp'), { mode: 0o700 });
    expect(writeDirectory(join(directory, 'run'), null)).toBeUndefined();
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each([
    [
      'a file',
      (path: string) => {
        writeFileSync(path, 'theirs');
      },
    ],
    ['a directory with something in it', (path: string) => mkdirSync(join(path, 'theirs'), { recursive: true })],
    [
      'a link that leads nowhere',
      (path: string) => {
        symlinkSync('/nowhere', path);
      },
    ],
  ])('says what is to be done about %s in the way, and lets it be', (_, put) => {
    const directory = scratchDirectory();
    const path = join(directory, 'run');
    put(join(directory, '.run.tmp'));
    expect(() => writeDirectory(path, `${OURS} 0755`)).toThrow(
      expect.objectContaining({
        code: 'file-not-written',
        message: expect.stringMatching(/\.run\.tmp is in the way of making .*Move it elsewhere/) as string,
      }),
    );
    expect(writeDirectory(path, null)).toBeUndefined();
    expect(readdirSync(directory)).toEqual(['.run.tmp']);
  });

  it('that is there already gets what it lacks', () => {
    const path = join(scratchDirectory(), 'run');
    mkdirSync(path, { mode: 0o700 });
    writeDirectory(path, `${OURS} 0750`);
    expect(readDirectory(path)).toBe(`${OURS} 0750`);
  });
});

it('The real path of what is still to be made leads where the links above it lead', () => {
  const directory = scratchDirectory();
  mkdirSync(join(directory, 'there'));
  symlinkSync('there', join(directory, 'link'));
  expect(realPath(join(directory, 'link/run/tlsrpt'))).toBe(join(directory, 'there/run/tlsrpt'));
  expect(realPath('/')).toBe('/');
});

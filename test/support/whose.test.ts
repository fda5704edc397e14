/** Needs root. */
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { whoseElse } from '#support/whose.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

/** No user of the system. */
const SOMEBODY = 54_321;

describe('Whose a file is', () => {
  it('goes without saying when it is our own', () => {
    const directory = scratchDirectory();
    expect([whoseElse(directory), whoseElse(join(directory, 'missing', 'file'))]).toEqual([undefined, undefined]);
  });

  it('is said of the nearest that is known of', () => {
    const directory = join(scratchDirectory(), 'theirs');
    mkdirSync(directory);
    chownSync(directory, SOMEBODY, SOMEBODY);
    const theirs = { path: directory, user: String(SOMEBODY), isRoot: false };
    expect(whoseElse(join(directory, 'missing', 'file'))).toEqual(theirs);
    const file = join(directory, 'file');
    writeFileSync(file, '');
    expect(whoseElse(file)).toBeUndefined();
  });

  it('is said to somebody who may not look inside', () => {
    const directory = join(scratchDirectory(), 'of-root');
    mkdirSync(directory, { mode: 0o700 });
    process.seteuid?.(SOMEBODY);
    const whose = whoseElse(join(directory, 'sessions', 'day'));
    process.seteuid?.(0);
    expect(whose).toMatchObject({ user: 'root', isRoot: true });
  });
});

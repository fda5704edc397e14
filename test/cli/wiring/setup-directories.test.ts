import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDirectory, writeDirectory } from '#cli/wiring/setup-directories.ts';
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

  it('that is there already gets what it lacks', () => {
    const path = join(scratchDirectory(), 'run');
    mkdirSync(path, { mode: 0o700 });
    writeDirectory(path, `${OURS} 0750`);
    expect(readDirectory(path)).toBe(`${OURS} 0750`);
  });
});

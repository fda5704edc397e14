import { chmodSync, chownSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { whyNotPrivate } from '#support/private-place.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const NOBODY = 65_534;

/** A directory of this mode, with another below it. */
function nested(mode: number): { readonly above: string; readonly below: string } {
  const above = join(scratchDirectory(), 'above');
  mkdirSync(join(above, 'below'), { recursive: true, mode: 0o755 });
  chmodSync(above, mode);
  return { above, below: join(above, 'below') };
}

describe('A place where nobody else can exchange what is made there', () => {
  it.each([0o700, 0o755, 0o500, 0o1777, 0o1770])('may have mode %o', (mode) => {
    const { above, below } = nested(mode);
    expect([whyNotPrivate(above), whyNotPrivate(below)]).toEqual([undefined, undefined]);
  });

  it.each([0o777, 0o770, 0o702])('cannot have mode %o, nor can what is above it', (mode) => {
    const { above, below } = nested(mode);
    for (const directory of [above, below]) expect(whyNotPrivate(directory)).toBe(`${above}: others can write to it`);
  });

  it.runIf(process.getuid?.() === 0)('cannot belong to another user, sticky or not, nor can what is above it', () => {
    for (const mode of [0o700, 0o1777]) {
      const { above, below } = nested(mode);
      chownSync(above, NOBODY, NOBODY);
      for (const directory of [above, below]) expect(whyNotPrivate(directory)).toBe(`${above}: belongs to user 65534`);
    }
  });

  it('is not a link, and not below one', () => {
    const { above } = nested(0o700);
    const link = `${above}-link`;
    symlinkSync(above, link);
    for (const directory of [link, join(link, 'below')])
      expect(whyNotPrivate(directory)).toBe(`${link}: not a directory`);
  });

  it('has an absolute path', () => {
    for (const path of ['', '.', 'tmp']) expect(whyNotPrivate(path)).toBe(`${path}: not an absolute path`);
  });

  it('is there', () => {
    expect(() => whyNotPrivate(join(scratchDirectory(), 'missing'))).toThrow('ENOENT');
  });
});

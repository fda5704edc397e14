import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asWritten, commandWords, firstWord, inQuotes } from '#support/command-words.ts';
import { scratchDirectory } from './scratch.ts';

/** What a shell makes of it; undefined where it does not have it. */
function wordsOfShell(text: string): string[] | undefined {
  const { status, stdout } = spawnSync('/bin/sh', ['-c', `printf '%s\\0' x ${text}`], { cwd: scratchDirectory() });
  return status === 0 ? stdout.toString().split('\0').slice(1, -1) : undefined;
}

const PIECES = ['a', 'b@c.d', ' ', '  ', '\t', "'", '"', '\\', '=', '%', '!', '{', ',', '}', '[', ']', '^', '-', '#'];

describe('The words of a command', () => {
  it.each([
    [`sendmail -F 'A b' "c d" e\\ f`, ['sendmail', '-F', 'A b', 'c d', 'e f']],
    [`a'b'"c"d`, ['abcd']],
    [`"a\\"b\\\\c\\d"`, ['a"b\\c\\d']],
    [`'' ""`, ['', '']],
    [`a#b ~/c`, ['a#b', '~/c']],
    ['', []],
  ])('are those of a shell: %s', (text, words) => {
    expect(commandWords(text)).toEqual(words);
  });

  it.each([
    'a $B',
    'a ${B',
    'a ${B}',
    'a "$B"',
    'a "${B',
    'a `b`',
    'a "`b`"',
    'a | b',
    'a && b',
    'a; b',
    'a > b',
    'a (b)',
    'a *',
    'a ?',
    'a #b',
    'a\nb',
    "a $'b'",
  ])('are not told where a shell would do more than split: %s', (text) => {
    expect(commandWords(text)).toBeUndefined();
  });

  it.each(["a 'b", 'a "b', 'a b\\'])('are not told where something is left open: %s', (text) => {
    expect(commandWords(text)).toBeUndefined();
  });

  it('are never others than those of a shell', () => {
    const text = fc.array(fc.constantFrom(...PIECES, '$', '${', '`', '*', ';'), { maxLength: 10 });
    fc.assert(
      fc.property(text, (pieces) => {
        const words = commandWords(pieces.join(''));
        if (words) expect(words).toEqual(wordsOfShell(pieces.join('')));
      }),
      { numRuns: 300 },
    );
  });

  it('are found again as they were written', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom(...PIECES, '$', '`', '*', ';') })), (words) => {
        expect(commandWords(inQuotes(words))).toEqual(words);
        expect(commandWords(asWritten(words))).toEqual(words);
      }),
    );
  });

  it('begin with what is run, whatever follows', () => {
    expect(firstWord(`'/usr/bin/my ssh' mx1 a && b`)).toBe('/usr/bin/my ssh');
    expect(firstWord('/data/${x')).toBeUndefined();
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIni } from '#support/python/ini.ts';

function valuesOf(content: string): Record<string, Record<string, string>> {
  const { sections, problems } = parseIni(content);
  expect(problems).toEqual([]);
  return Object.fromEntries(
    [...sections].map(([name, values]) => [
      name,
      Object.fromEntries([...values].map(([key, { value }]) => [key, value])),
    ]),
  );
}

describe('parseIni', () => {
  it('reads sections, keys in any case and both delimiters', () => {
    expect(valuesOf('[one]\nKey = value\nother: 2\n\n[two]\nkey=\n')).toEqual({
      one: { key: 'value', other: '2' },
      two: { key: '' },
    });
  });

  it('keeps what other parsers take for comments, quotes and escapes', () => {
    const command = String.raw`curl -H "X: y;z" --data-binary @- -w %%{http_code} #x \n a=b:c`;
    expect(valuesOf(`[a]\nscript = ${command}\n`)).toEqual({ a: { script: command.replace('%%', '%') } });
  });

  it('skips lines that are comments, indented ones as well', () => {
    expect(valuesOf('# x\n[a]\n; y\nkey = 1\n   # z = 2\n')).toEqual({ a: { key: '1' } });
  });

  it('goes on with a value in indented lines', () => {
    expect(valuesOf('[a]\nfetchers =\n  ssh mx1 x,\n\n  ssh mx2 x\nnext = 1\n')).toEqual({
      a: { fetchers: '\nssh mx1 x,\n\nssh mx2 x', next: '1' },
    });
  });

  it('gives the defaults to every section', () => {
    expect(valuesOf('[DEFAULT]\na = 1\nb = 1\n[x]\nb = 2\n')).toEqual({ x: { a: '1', b: '2' } });
  });

  it('reads lines ended by CRLF, and a byte order mark', () => {
    expect(valuesOf('\ufeff[a]\r\nkey = 1\r\n')).toEqual({ a: { key: '1' } });
  });

  it('names every line that it cannot read', () => {
    const { problems } = parseIni('stray = 1\n[a]\nkey\n= 2\nfine = 3\n');
    expect(problems).toEqual([
      { line: 1, why: 'it stands before the first [section]' },
      { line: 3, why: 'it is neither [section] nor name = value' },
      { line: 4, why: 'it is neither [section] nor name = value' },
    ]);
  });

  it('replaces references, also to defaults and in values of several lines', () => {
    expect(
      valuesOf('[DEFAULT]\nhost = mx1\n[a]\nuser = tls\nfetchers =\n  ssh %(user)s@%(host)s x\n  100%%\n'),
    ).toEqual({
      a: { host: 'mx1', user: 'tls', fetchers: '\nssh tls@mx1 x\n100%' },
    });
  });

  it('has a mistake where configparser would not go on', () => {
    const { problems } = parseIni('[a]\nkey = 1\nKEY = 2\n[b]\nrate = 100%\n[a]\nother = %(nobody)s\n');
    expect(problems).toEqual([
      { line: 3, why: 'key is there already, in line 2' },
      { line: 6, why: '[a] is there already' },
      { line: 7, why: 'other: it refers to nobody, which is not there' },
      { line: 5, why: 'rate: a % must be followed by % or by (NAME)s' },
    ]);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('[', ']', 'a', '=', ':', ' ', '\n', '#', ';', '__proto__') }),
        (text) => {
          parseIni(text);
        },
      ),
    );
  });
});

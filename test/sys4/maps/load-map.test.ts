import { describe, expect, it } from 'vitest';
import { loadMap } from '#sys4/maps/load-map.ts';
import { loadLines, writeMap } from '#test/support/maps.ts';

describe('loadMap', () => {
  it('reads entries in their order, and skips comments and empty lines', () => {
    const { entries, problems } = loadLines(
      '# our own',
      '',
      'a.example   DISCARD',
      '  # indented',
      '\t. REPLACE mailto:x@b.example\r',
    );
    expect(problems).toEqual([]);
    expect(entries.map(({ action, text }) => [action, text])).toEqual([
      ['DISCARD', 'a.example   DISCARD'],
      ['REPLACE', '. REPLACE mailto:x@b.example'],
    ]);
  });

  it('tells of each entry where it stands', () => {
    const path = writeMap('', 'a.example ACCEPT');
    expect(loadMap(path).entries[0]?.where).toBe(`${path}:2`);
  });

  it('names all lines that are wrong', () => {
    const path = writeMap('a.example', 'fine.example ACCEPT', 'b.example FROB', 'regexp:( DISCARD');
    expect(loadMap(path).problems).toEqual([
      `${path}:1: there is no action behind the pattern`,
      `${path}:3: FROB is none of the actions ACCEPT, DISCARD, REPLACE, APPEND and REGEXP`,
      `${path}:4: the expression ( cannot be used: a parenthesis ( is not closed`,
    ]);
  });

  it('says so when the file cannot be read', () => {
    expect(loadMap('/nonexistent/map')).toEqual({
      entries: [],
      problems: ['/nonexistent/map: it cannot be read (ENOENT)'],
    });
  });
});

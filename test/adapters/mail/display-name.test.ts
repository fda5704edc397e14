import { describe, expect, it } from 'vitest';
import { displayName } from '#adapters/mail/display-name.ts';

describe('the name before an address', () => {
  it.each([
    ['Example TLS reports', ['Example TLS reports']],
    ['Example, Ltd.', ['"Example, Ltd."']],
    ['a "b" \\c', ['"a \\"b\\" \\\\c"']],
    ['Bücher', ['=?UTF-8?Q?B=C3=BCcher?=']],
  ])('of %j is %j', (name, pieces) => {
    expect(displayName(name)).toEqual(pieces);
  });

  it('is in several encoded words where it is long, none above 75 characters', () => {
    const pieces = displayName('Gesellschaft für überaus zuverlässige Zustellung elektronischer Berichte '.repeat(2));
    expect(pieces.length).toBeGreaterThan(2);
    for (const piece of pieces) expect(piece).toMatch(/^=\?UTF-8\?Q\?[^ ?]{1,63}\?=$/);
  });
});

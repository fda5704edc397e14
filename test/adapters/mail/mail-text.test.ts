import { describe, expect, it } from 'vitest';
import { encodeMailText } from '#adapters/mail/mail-text.ts';

describe('the text of a mail', () => {
  it('stays as it is when it is short lines of ASCII', () => {
    expect(encodeMailText('one\n\n.two\n')).toEqual({ encoding: '7bit', text: 'one\r\n\r\n.two\r\n' });
  });

  it('becomes quoted-printable for letters outside ASCII', () => {
    expect(encodeMailText('Bücher = 3\n')).toEqual({
      encoding: 'quoted-printable',
      text: 'B=C3=BCcher =3D 3\r\n',
    });
  });

  it('becomes quoted-printable for long lines, in lines of 76', () => {
    const { encoding, text } = encodeMailText(`${'word '.repeat(300)}\n`);
    expect(encoding).toBe('quoted-printable');
    expect(Math.max(...text.split('\r\n').map(({ length }) => length))).toBeLessThanOrEqual(76);
  });

  it('becomes quoted-printable for control characters', () => {
    expect(encodeMailText('a\0b').text).toBe('a=00b');
  });
});

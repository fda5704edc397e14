import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unflowed, withoutTransferEncoding } from '#adapters/mail/transfer-encoding.ts';

const decoded = (text: string, encoding: string): string =>
  withoutTransferEncoding(Buffer.from(text, 'latin1'), encoding).toString('latin1');

describe('taking off a transfer encoding', () => {
  it.each([
    ['base64', 'YWJj\r\nZGU=', 'abcde'],
    ['base64', 'YW!J j', 'abc'],
    ['base64', 'YQ==YmM=', 'abc'],
    ['base64', 'YW', 'a'],
    ['quoted-printable', 'a=3Db=\r\nc', 'a=bc'],
    ['quoted-printable', 'a= \t\r\nb=\nc', 'abc'],
    ['quoted-printable', 'a=3d=G1=', 'a==G1='],
    ['8bit', 'a=3D', 'a=3D'],
    ['x-unknown', 'YWJj', 'YWJj'],
  ])('of %s makes what was put in of %j', (encoding, text, content) => {
    expect(decoded(text, encoding)).toBe(content);
  });

  it('gives what Node.js encoded, in lines of any length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 80 }), (bytes, length) => {
        const lines = Buffer.from(bytes)
          .toString('base64')
          .replace(new RegExp(`.{${String(length)}}`, 'g'), '$&\r\n');
        expect(withoutTransferEncoding(Buffer.from(lines), 'base64')).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it.each([
    ['a \r\nb\r\n c\n', false, 'a b\r\nc\n'],
    ['a \r\nb', true, 'ab'],
    ['a  \n b', false, 'a  b'],
  ])('joins the lines of %j that are flowed', (text, deletesSpace, joined) => {
    expect(unflowed(Buffer.from(text), deletesSpace).toString()).toBe(joined);
  });
});

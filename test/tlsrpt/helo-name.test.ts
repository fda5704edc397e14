import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heloName } from '#tlsrpt/helo-name.ts';

describe('heloName', () => {
  it.each([
    ['mx.example', 'mx.example'],
    ['250 mx.example', 'mx.example'],
    ['250-mx.example\r\n250-STARTTLS\r\n250 8BITMIME', 'mx.example'],
    ['250-mx.example Hello relay [192.0.2.1], pleased to meet you\r\n250 HELP', 'mx.example'],
    ['250-mx.example\n250 HELP', 'mx.example'],
    ['250-[192.0.2.1]\r\n250 HELP', '[192.0.2.1]'],
    ['  mx.example  ', 'mx.example'],
    ['250', undefined], // RFC 5321 4.2: a reply may have no text
    ['250 ', undefined],
    ['250-\r\n250 HELP', undefined],
    ['', undefined],
    ['\r\nmx.example', undefined],
    ['250mx.example', '250mx.example'], // no reply, but a name
  ])('finds in %j the name %j', (reply, name) => {
    expect(heloName(reply)).toBe(name);
  });

  it('never throws, and gives one word', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(heloName(`250-${text}`) ?? 'x').toMatch(/^\S+$/u);
      }),
    );
  });
});

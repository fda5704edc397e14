import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatImapUrl, parseImapUrl } from '#adapters/imap/parse-imap-url.ts';
import type { ImapLocation } from '#adapters/imap/parse-imap-url.ts';

const INBOX: ImapLocation = { scheme: 'imaps', user: 'me', host: 'a.example', port: undefined, folder: 'INBOX' };

const good: Readonly<Record<string, Partial<ImapLocation>>> = {
  'imaps://me@a.example/INBOX': {},
  'imaps://me@a.example': {},
  'IMAPS://me@A.example/': {},
  'imap://me@a.example/INBOX': { scheme: 'imap' },
  'imaps://me@a.example:1993/INBOX/': { port: 1_993 },
  'imaps://me%40b.example@a.example/INBOX': { user: 'me@b.example' },
  'imaps://me@b.example@a.example/INBOX': { user: 'me@b.example' },
  'imaps://me@[2001:DB8::1]:143/INBOX': { host: '2001:db8::1', port: 143 },
  'imaps://me@a.example/INBOX/Reports.x': { folder: 'INBOX/Reports.x' },
  'imaps://me@a.example/%C3%9Cber%20%26%20mehr%3B': { folder: 'Über & mehr;' },
};

const bad: Readonly<Record<string, RegExp>> = {
  'imaps://a.example/INBOX': /as whom/,
  'imaps://@a.example/INBOX': /as whom/,
  'imaps://;AUTH=*@a.example/INBOX': /as whom/,
  'imaps://me%0d%0aLOGOUT@a.example/INBOX': /as whom/,
  'imaps://me:secret@a.example/INBOX': /password.*imap_password_file/,
  'imaps://me:se@cret@a.example/INBOX': /password/,
  'imaps://me@/INBOX': /host/,
  'imaps://me@-a/INBOX': /host/,
  'imaps://me@a.example:0/INBOX': /port/,
  'imaps://me@a.example:/INBOX': /port/,
  'imaps://me@a.example/INBOX/;UID=7': /folder/,
  'imaps://me@a.example/INBOX?SUBJECT': /folder/,
  'imaps://me@a.example/INBOX%0A': /folder/,
  'imaps://me@a.example/%FF': /folder/,
  'imaps:me@a.example': /form/,
  'pop3://me@a.example': /form/,
};

describe('The URL of a mailbox', () => {
  it.each(Object.entries(good))('is read: %s', (text, parts) => {
    expect(parseImapUrl(text)).toEqual({ kind: 'location', location: { ...INBOX, ...parts } });
  });

  it.each(Object.entries(bad))('is refused, and a password in it is not repeated: %s', (text, why) => {
    const reading = parseImapUrl(text);
    expect(reading).toEqual({ kind: 'malformed', why: expect.stringMatching(why) as string });
    expect(JSON.stringify(reading)).not.toMatch(/secret|cret@/);
  });

  it('is read as the same place as it is written', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((each) => !/\p{Cc}|\p{Surrogate}/u.test(each));
    const location = fc.record({
      scheme: fc.constantFrom('imaps' as const, 'imap' as const),
      user: text,
      host: fc.constantFrom('a.example', '192.0.2.1', '2001:db8::1'),
      port: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
      folder: text.filter((folder) => !folder.endsWith('/')),
    });
    fc.assert(
      fc.property(location, (place) => {
        expect(parseImapUrl(formatImapUrl(place))).toEqual({ kind: 'location', location: place });
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readReportingAddress, reportingAddressKey } from '#tlsrpt/reporting-address.ts';
import type { ReportingAddress } from '#tlsrpt/reporting-address.ts';

function addressIn(uri: string): ReportingAddress {
  const reading = readReportingAddress(uri);
  if (reading.kind === 'unusable') throw new Error(reading.why);
  return reading.address;
}

describe('a mailto address', () => {
  it.each([
    ['mailto:tls@x.example', 'tls@x.example'],
    ['MailTo:tls@x.example', 'tls@x.example'], // R18: the scheme in any case
    ['mailto:TLS@X.Example', 'TLS@x.example'], // the local part keeps its case
    ['mailto:tls+a@x.example', 'tls+a@x.example'],
    ['mailto:a%2Cb@x.example', '"a,b"@x.example'], // R19: a comma is part of the name, and belongs in quotes
    ['mailto:a%3Bb@x.example', '"a;b"@x.example'], // R17
    ['mailto:%22a%2Cb%22@x.example', '"a,b"@x.example'], // R19
    ['mailto:tls%21x@x.example', 'tls!x@x.example'], // R17
    ['mailto:tls%40x.example', 'tls@x.example'],
    ['mailto:%22a%40b%22@x.example', '"a@b"@x.example'],
    ['mailto:%22tls%22@x.example', 'tls@x.example'], // quotes that are not needed are no part of the name
    ['mailto:%22t%5Cls%22@x.example', 'tls@x.example'], // nor are backslashes
    ['mailto:%22a%5C%22b%5C%5C%22@x.example', '"a\\"b\\\\"@x.example'], // but some are needed
    ['mailto:tls@%E2%98%BA.example', 'tls@xn--74h.example'],
    [`mailto:tls@${'x.'.repeat(121)}example`, `tls@${'x.'.repeat(121)}example`], // RFC 5321 4.5.3.1.3: 253 characters
    ['mailto:tls@x.example?subject=hello', 'tls@x.example'], // R19: header fields are ignored
    ['mailto:tls@x.example?bcc=victim@y.example', 'tls@x.example'], // R19
    ['mailto:tls@x.example#top', 'tls@x.example'], // R19: and a fragment
    ['mailto:tls@b%C3%BCcher.example', 'tls@xn--bcher-kva.example'],
    ['mailto:tls@x.example.', 'tls@x.example'],
  ])('%s reaches %s', (uri, mailbox) => {
    const reading = readReportingAddress(uri);
    expect(reading.kind === 'address' && 'mailbox' in reading.address ? reading.address.mailbox : undefined).toBe(
      mailbox,
    );
  });

  it.each([
    ['mailto:', 'no mailbox'],
    ['mailto:tls', 'no mailbox'],
    ['mailto:@x.example', 'no mailbox'],
    ['mailto:tls@', 'not a domain name'],
    ['mailto:a@b@x.example', 'no mailbox'], // R20: a second at sign
    ['mailto:.tls@x.example', 'no mailbox'], // R20: an empty part
    ['mailto:a%2C%22@x.example', 'no mailbox'], // a lone quote
    ['mailto:a..b@x.example', 'no mailbox'], // R20
    ['mailto:tls@x..example', 'not a domain name'], // R20
    ['mailto:tls@-x.example', 'not a domain name'],
    ['mailto:tls@[192.0.2.1]', 'not a domain name'],
    ['mailto:tls@x_y.example', 'not a domain name'], // RFC 5321 4.1.2: letters, digits, hyphens
    ['mailto:tls@192.0.2.1', 'not a domain name'], // an address, and not even as a literal
    ['mailto:tls@xn--a.example', 'not a domain name'], // RFC 5890 2.3.2.1
    ['mailto:%22%22@x.example', 'no mailbox'], // R20: an empty part in quotes
    ['mailto:%22a@x.example', 'no mailbox'], // quotes that do not end
    [`mailto:tlsrpt@${'x.'.repeat(121)}example`, 'longer than SMTP allows'], // RFC 5321 4.5.3.1.3: 256 characters
    [`mailto:%22${'%5C%22'.repeat(32)}%22@x.example`, 'no mailbox'], // RFC 5321 4.5.3.1.1: as it must be written
    [`mailto:${'a'.repeat(65)}@x.example`, 'no mailbox'], // RFC 5321 4.5.3.1.1
    [`mailto:a@${'x'.repeat(64)}.example`, 'not a domain name'],
    [`mailto:a@${'x.'.repeat(1_100)}example`, 'longer'],
    ['mailto:t%FFls@x.example', 'not UTF-8'],
    ['mailto:tls@x.example!10m', 'unencoded'], // R21: DMARC's suffix
    ['mailto:tls@x.example%2110m', 'not a domain name'], // R21
    ['mailto:tls@x.example,mailto:b@x.example', 'unencoded'], // R17
    ['mailto:tls@x.example;p=1', 'unencoded'], // R17
    ['mailto:t ls@x.example', 'unencoded'],
    ['mailto:tüls@x.example', 'unencoded'],
    ['mailto:t%C3%BCls@x.example', 'no mailbox'], // SMTPUTF8 is not for report mails
  ])('is refused: %s', (uri, why) => {
    expect(readReportingAddress(uri)).toMatchObject({ kind: 'unusable', why: expect.stringContaining(why) as string });
  });

  it.each([
    'mailto:a%0D%0ABcc:victim@y.example', // R20: a second header field
    'mailto:%22a%0D%0ABcc:%22@y.example', // R20: in quotes
    'mailto:%22a%5C%0D%5C%0A%22@y.example', // R20: behind backslashes
    'mailto:a@y.example%0D%0ABcc:%20x@z.example', // R20: behind the domain
    'mailto:a@y.example%0A', // R20: at the very end
    'mailto:a@%0D%0Ay.example', // R20: before the domain
    'mailto:a@b%C3%BC%0D%0Acher.example', // R20: in a name that is converted
    'mailto:a@%C3%BC@y.example', // R20: two at signs and a name that is converted
    'mailto:a@%C3%BC%2F.y.example', // a slash in a name that is converted
    'mailto:a%00@y.example', // R20: NUL
    'mailto:a%7F@y.example', // R20: DEL
    'mailto:a%C2%85@y.example', // R20: a C1 control
    'mailto:a%20b@y.example', // R20: a blank
    'mailto:%22a%20b%22@y.example', // R20: a blank in quotes
    'mailto:a@y.example%20', // R20
    'mailto:a@y.example%3E%20RCPT%20TO:%3Cx@z.example', // SMTP
    'mailto:%3Ca@y.example%3E', // angle brackets
    'mailto:-f%20x@y.example', // an option of sendmail
  ])('reaches no header and no envelope: %s', (uri) => {
    expect(readReportingAddress(uri).kind).toBe('unusable');
  });
});

describe('an https address', () => {
  it.each([
    ['https://x.example/r', 'x.example'],
    ['HTTPS://X.example/r', 'x.example'], // R18
    ['https://x.example:8443/r?token=1', 'x.example'],
    ['https://x.example', 'x.example'],
    ['https://[2001:db8::1]/r', '[2001:db8::1]'], // whether it may be contacted is decided on connecting
    ['https://127.0.0.1/r', '127.0.0.1'],
  ])('%s leads to %s', (uri, host) => {
    expect(addressIn(uri)).toEqual({ scheme: 'https', uri: uri.replace('HTTPS', 'https'), host });
  });

  it.each([
    ['http://x.example/r', 'neither mailto nor https'], // R18
    ['ftp://x.example/r', 'neither mailto nor https'],
    ['x.example/r', 'neither mailto nor https'],
    ['', 'unencoded'],
    ['https:', 'not a URL'],
    ['https://', 'not a URL'],
    ['https:x.example', 'no host'],
    ['https:///x.example/r', 'no host'], // RFC 3986 3.2: an empty authority, which a URL parser passes over
    ['https:////x.example', 'no host'],
    ['https://?x.example', 'not a URL'],
    ['https:/x.example/r', 'no host'],
    ['https://user:secret@x.example/r', 'credentials'], // R78
    ['https://user@x.example/r', 'credentials'],
    ['https://x.example:99999/r', 'not a URL'],
    ['https://x.example/a b', 'unencoded'],
    ['https://x.example/\r\nHost:y', 'unencoded'],
    ['https://x.example/%', 'unencoded'],
    ['https://x.example\\@y.example/r', 'unencoded'],
    [`https://x.example/${'r'.repeat(2_048)}`, 'longer'],
  ])('is refused: %s', (uri, why) => {
    expect(readReportingAddress(uri)).toMatchObject({ kind: 'unusable', why: expect.stringContaining(why) as string });
  });
});

describe('readReportingAddress', () => {
  it('never throws, and what it takes has no control character and no blank', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom('@', '%0d%0a', '%C3%BC', 'x.example', ':', '"'),
    );
    const uri = fc
      .tuple(fc.constantFrom('mailto:', 'https://', ''), fc.array(part))
      .map(([scheme, parts]) => scheme + parts.join(''));
    fc.assert(
      fc.property(uri, (text) => {
        const reading = readReportingAddress(text);
        if (reading.kind === 'address') expect(Object.values(reading.address).join('')).not.toMatch(/[\p{Cc}\s]/u);
      }),
      { numRuns: 2_000 },
    );
  });

  it('reads its own result as the same address', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (mailbox) => {
        const first = readReportingAddress(`mailto:${encodeURIComponent(mailbox).replaceAll('!', '%21')}`);
        expect(first).toEqual(readReportingAddress(first.kind === 'address' ? first.address.uri : first.uri));
      }),
    );
  });
});

describe('reportingAddressKey', () => {
  it.each([
    ['mailto:a@x.example', 'mailto:a@X.EXAMPLE?subject=x'],
    ['mailto:a+b@x.example', 'mailto:a%2Bb@x.example'],
    ['mailto:a@b%C3%BCcher.example', 'mailto:a@xn--bcher-kva.example.'],
    ['mailto:a@x.example', 'mailto:%22a%22@x.example'],
    ['mailto:a%2Cb@x.example', 'mailto:%22a%5C%2Cb%22@x.example'],
    ['https://x.example', 'HTTPS://X.example:443/'],
    ['https://x.example/r', 'https://x.example./r#top'],
    ['https://x.example/~r', 'https://x.example/%7er'], // RFC 3986 6.2.2.2
    ['https://x.example/r%3b', 'https://x.example/r%3B'], // RFC 3986 6.2.2.1
    ['https://b%C3%BCcher.example/r', 'https://xn--bcher-kva.example/a/../r'],
  ])('is the same for %s and %s', (one, other) => {
    expect(reportingAddressKey(addressIn(one))).toBe(reportingAddressKey(addressIn(other)));
  });

  it.each([
    ['mailto:a@x.example', 'mailto:A@x.example'], // RFC 5321 2.4: only the receiver knows
    ['https://x.example/r', 'https://x.example/R'],
    ['https://x.example/r', 'https://x.example:8443/r'],
    ['https://x.example/r', 'https://x.example/r?'],
    ['https://x.example/a%2Fr', 'https://x.example/a/r'], // RFC 3986 2.2: a reserved character is another one encoded
  ])('differs for %s and %s', (one, other) => {
    expect(reportingAddressKey(addressIn(one))).not.toBe(reportingAddressKey(addressIn(other)));
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTlsrptRecord } from '#tlsrpt/tlsrpt-record.ts';

interface Vector {
  readonly record: string;
  readonly valid: boolean;
  readonly ruas: readonly string[] | null;
}

const vectors = readFileSync(join(import.meta.dirname, '../fixtures/records-public.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Vector);

/** The reporting addresses of a valid record, or why it is none. */
function read(text: string): string[] | string {
  const reading = readTlsrptRecord(text);
  return reading.kind === 'invalid' ? reading.why : reading.record.addresses.map(({ uri }) => uri);
}

describe('a record of other parsers’ tests', () => {
  it.each(vectors)('is read as they read it: $record', ({ record, valid, ruas }) => {
    const found = read(record);
    expect(Array.isArray(found)).toBe(valid);
    if (valid) expect(found).toEqual(ruas);
  });
});

describe('readTlsrptRecord', () => {
  const A = 'mailto:a@x.example';
  const B = 'mailto:b@x.example';
  const H = 'https://x.example/r';

  it.each([
    ['v=TLSRPTv1;rua=mailto:a@x.example', [A]],
    ['v=TLSRPTv1 ; rua=mailto:a@x.example', [A]], // A3: the grammar allows blanks before the delimiter
    ['v=TLSRPTv1\t;\trua=mailto:a@x.example\t;', [A]], // WSP is tab, too
    ['v=TLSRPTv1;ext=1;rua=mailto:a@x.example', [A]], // R15: an extension may stand first
    ['v=TLSRPTv1;rua=mailto:a@x.example;x_1.y-z=!"#/:<>?@~', [A]], // R15: any value of the grammar
    ['v=TLSRPTv1;rua=mailto:a@x.example;a1234567890123456789012345678901=1', [A]], // R15: 32 characters are not too long
    ['v=TLSRPTv1;rua=mailto:a@x.example;rua=https://x.example/r', [A, H]], // R16: several fields add up
    ['v=TLSRPTv1;rua=mailto:b@x.example,mailto:a@x.example;rua=mailto:b@x.example', [B, A]], // R16: in order, each once
    ['v=TLSRPTv1;rua=mailto:a@x.example,mailto:a@X.EXAMPLE', [A]], // R16: the same mailbox in another form
    ['v=TLSRPTv1;rua=https://x.example/r,HTTPS://X.example:443/r', [H]], // R16: the same endpoint in another form
    ['v=TLSRPTv1;rua=mailto:a%2Cb@x.example', ['mailto:a%2Cb@x.example']], // R17: decoded after splitting
    ['v=TLSRPTv1;rua=http://x.example/r,mailto:a@x.example', [A]], // R18: http is skipped, the rest kept
    ['v=TLSRPTv1;rua=b@x.example,mailto:a@x.example', [A]], // R18: no scheme
    ['v=TLSRPTv1;rua=mailto:a@x.example,,mailto:b@x.example', [A, B]], // R18: an empty URI
    ['v=TLSRPTv1;rua=mailto:a@x.example!10m,mailto:b@x.example', [B]], // R21: DMARC's size suffix is no part of it
    ['v=TLSRPTv1;rua=mailto:a@x.example;p=none;sp=none', [A]], // R22: DMARC tags are extensions
    ['v=TLSRPTv1;rua=mailto:a%0D%0ABcc:x@y.example,mailto:b@x.example', [B]], // R20: one bad URI does not spoil the others
    ['v=TLSRPTv1;rua=mailto:root@localhost,mailto:b@x.example', [B]], // nor does one that would go to this machine
    ['v=TLSRPTv1;rua=;rua=mailto:a@x.example', [A]], // R16: nor does an empty field
    ['v=TLSRPTv1;rua=mailto:a@x.example \t,\t mailto:b@x.example', [A, B]], // WSP around the comma
    ['v=TLSRPTv1;rua=mailto:a@x.example%20,mailto:b@x.example', [B]], // R17: what is encoded is no white space
    ['v=TLSRPTv1;rua=MAILTO:a@x.example,Mailto:%61@x.example', [A]], // R18: schemes in any case
  ])('good: %s', (record, uris) => {
    expect(read(record)).toEqual(uris);
  });

  it.each([
    ['', 'does not begin'], // nothing
    ['v=TLSRPTv2;rua=mailto:a@x.example', 'does not begin'], // R14
    ['v=TLSRPTv10;rua=mailto:a@x.example', 'does not begin'], // R14
    ['v=tlsrptv1;rua=mailto:a@x.example', 'does not begin'], // R14: case matters
    ['V=TLSRPTv1;rua=mailto:a@x.example', 'does not begin'], // R14
    ['v=TSLRPTv1;rua=mailto:a@x.example', 'does not begin'], // R22: seen in a public wiki
    ['v =TLSRPTv1;rua=mailto:a@x.example', 'does not begin'], // R14: no blanks around the equals sign
    [' v=TLSRPTv1;rua=mailto:a@x.example', 'does not begin'], // R14: nothing stands before it, not even a blank
    ['\tv=TLSRPTv1;rua=mailto:a@x.example', 'does not begin'], // R14
    ['rua=mailto:a@x.example;v=TLSRPTv1', 'does not begin'], // R14: it stands first
    ['v=TLSRPTv1', 'no rua'], // R22
    ['v=TLSRPTv1;ext=1', 'no rua'], // R22
    ['v=TLSRPTv1;RUA=mailto:a@x.example', 'no rua'], // R22: case matters
    ['v=TLSRPTv1;rua=mailto:a@x.example;;', 'no field'], // A4: only one trailing delimiter
    ['v=TLSRPTv1;;rua=mailto:a@x.example', 'no field'], // A4
    ['v=TLSRPTv1;rua=mailto:a@x.example;ext', 'no field'], // R15: not name=value
    ['v=TLSRPTv1;rua=mailto:a@x.example;-ext=1', 'no field'], // R15: begins with a letter or digit
    ['v=TLSRPTv1;rua=mailto:a@x.example;ext=a b', 'no field'], // R22: blanks in a value
    ['v=TLSRPTv1;rua=mailto:a@x.example;ext=ü', 'no field'], // R15: not ASCII
    ['v=TLSRPTv1;rua =mailto:a@x.example', 'no field'], // R22: a blank before the equals sign
    ['v=TLSRPTv1;rua=mailto:a@x.example!10m', 'unencoded'], // R21
    ['v=TLSRPTv1;rua=http://x.example/r', 'neither mailto nor https'], // R18
    ['v=TLSRPTv1;rua=a@x.example', 'neither mailto nor https'], // R18
    ['v=TLSRPTv1;rua=', 'none of its reporting addresses'], // R18
    ['v=TLSRPTv1;rua=mailto:a%0D%0ABcc:x@y.example', 'control characters'], // R20
    ['v=TLSRPTv1;rua=mailto:a@x.example;bad\nfield=1', 'no field'], // R15: a control character in a name
  ])('bad: %s', (record, why) => {
    expect(read(record)).toContain(why);
  });

  it('tells which addresses it passes over', () => {
    const reading = readTlsrptRecord('v=TLSRPTv1;rua=http://x.example/r,mailto:a@x.example');
    expect(reading).toMatchObject({
      record: { unusable: [{ uri: 'http://x.example/r', why: 'its scheme is neither mailto nor https' }] },
    });
  });

  it.each([
    ['v=TLSRPTv1; rua mailto:a@x.example', 'rua mailto:a@x.example'], // the field that has no equals sign
    ['v=TLSRPTv1;rua=mailto:a@x.example; ext=a b ;', 'ext=a b'], // a blank in a value
    ['v=TLSRPTv1;rua=mailto:a@x.example, http://x.example/r', 'http://x.example/r'], // one of two addresses
    ['v=TLSRPTv1;rua=a@x.example', 'a@x.example'], // the only one
  ])('says where the mistake is: %s', (record, mistake) => {
    const reading = readTlsrptRecord(record);
    const place = reading.kind === 'invalid' ? reading.place : reading.record.unusable[0]?.place;
    expect(place).toEqual({ text: record, line: 1, start: record.lastIndexOf(mistake), length: mistake.length });
  });

  it('takes no more than fifty addresses', () => {
    const uris = Array.from({ length: 60 }, (_, index) => `mailto:a${String(index)}@x.example`);
    const record = `v=TLSRPTv1;rua=${uris.join(',')}`;
    expect(read(record)).toEqual(uris.slice(0, 50));
    expect(readTlsrptRecord(record)).toMatchObject({
      record: { unusable: [{ uri: 'mailto:a50@x.example', why: 'it comes after 50 others' }] },
    });
  });

  it('takes nothing from a text that is longer than any DNS record', () => {
    expect(read(`v=TLSRPTv1;rua=mailto:a@x.example;x=${'1'.repeat(4_096)}`)).toContain('longer than 4096 characters');
  });

  it('quotes no more of a malformed field than a log line should hold', () => {
    expect(read(`v=TLSRPTv1;rua=mailto:a@x.example;${'-'.repeat(10_000)}`).length).toBeLessThan(200);
  });

  it('is read without a long search for the end of blanks', () => {
    // A time that grew with the square of their number would make this hang, and a test that hangs is one that fails.
    const blanks = ' '.repeat(1_300);
    for (let index = 0; index < 20; index += 1)
      expect(read(`v=TLSRPTv1;rua=mailto:a@b.example,${blanks}x;${blanks}y=1;${blanks}`)).toEqual([
        'mailto:a@b.example',
      ]);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.webUrl({ withFragments: true }),
        fc.emailAddress(),
        (text, url, mailbox) => {
          readTlsrptRecord(text);
          readTlsrptRecord(`v=TLSRPTv1;rua=${text}`);
          readTlsrptRecord(`v=TLSRPTv1;rua=mailto:${mailbox}${text},${url}${text}`);
        },
      ),
    );
  });

  it('gives every address once, and none that the record does not name', () => {
    const uri = fc.oneof(
      fc.emailAddress().map((mailbox) => `mailto:${encodeURI(mailbox)}`),
      fc.webUrl(),
    );
    fc.assert(
      fc.property(fc.array(uri, { maxLength: 8 }), (uris) => {
        const found = read(`v=TLSRPTv1; rua=${uris.join(' , ')}`);
        if (typeof found === 'string') return;
        expect(new Set(found).size).toBe(found.length);
        for (const address of found) expect(uris.join()).toContain(address);
      }),
    );
  });
});

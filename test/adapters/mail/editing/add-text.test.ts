import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { addText } from '#adapters/mail/editing/add-text.ts';
import { lines } from '#test/support/inbound-mails.ts';
import { mixed, multipart, plain, REPORT_PART, textPart } from '#test/support/mime-mails.ts';

const TEXT = 'Café \u{1f4e7} <b> & "c"\n  an indented line\n--b\nFrom here\n\nthe end';

async function textIn(mail: Buffer | undefined): Promise<string> {
  const { text = '' } = await PostalMime.parse(mail ?? Buffer.alloc(0));
  return text.replaceAll('\r\n', '\n');
}

describe('text that is put into a mail', () => {
  it.each<[string, string[], string]>([
    ['all of it in UTF-8', textPart('text/plain; charset=utf-8', '8bit', 'x'), 'Café \u{1f4e7} <b>'],
    [
      'all of it in quoted-printable',
      textPart('text/plain; charset=utf-8', 'quoted-printable', 'x'),
      'Café \u{1f4e7} <b>',
    ],
    ['what Latin-1 has', textPart('text/plain; charset=iso-8859-1', 'quoted-printable', 'x'), 'Café ? <b>'],
    ['letters without marks in ASCII', textPart('text/plain', '7bit', 'x'), 'Cafe ? <b>'],
    ['letters without marks in a charset of Asia', textPart('text/plain; charset=gb2312', '8bit', 'x'), 'Cafe ? <b>'],
  ])('has %s', async (_, part, expected) => {
    expect(await textIn(addText(mixed([part, REPORT_PART]), TEXT))).toContain(
      `x\n\n${expected} & "c"\n  an indented line\n --b\n From here\n\nthe end`,
    );
  });

  it('keeps its lines in format=flowed', async () => {
    const mail = mixed([textPart('text/plain; format=flowed', '7bit', 'flows ', 'on'), REPORT_PART]);
    expect(await textIn(addText(mail, 'a \n  b\n>c'))).toBe('flows on\n\na\n  b\n>c\n');
  });

  it('is text in HTML, too', async () => {
    const html = textPart('text/html; charset=iso-8859-1', '7bit', '<p>x</p></body></html>');
    const mail = addText(mixed([multipart([plain, html], 'multipart/alternative', 'in')]), '<script>&"é');
    expect((await PostalMime.parse(mail ?? Buffer.alloc(0))).html).toContain(
      '</html>\n<hr>\n<pre style="white-space: pre-wrap; font: 13px monospace; color: #000; background: #fff">\n&#60;script&#62;&#38;&#34;&#233;\n</pre>'.slice(
        8,
      ),
    );
  });

  it.each(['<!-- x', '<script>', '<a title="x', '<style>pre{display:none}</style>'])(
    'is not hidden behind HTML that ends in %s',
    async (end) => {
      for (const encoding of ['7bit', 'base64', 'quoted-printable']) {
        const body = encoding === 'base64' ? Buffer.from(`<p>x</p>${end}`).toString('base64') : `<p>x</p>${end}`;
        const html = textPart('text/html', encoding, body.replace('="', encoding === '7bit' ? '="' : '=3D"'));
        for (const mail of [
          mixed([html, REPORT_PART]),
          mixed([multipart([plain, html], 'multipart/alternative', 'in')]),
        ]) {
          const changed = addText(mail, 'the summary') ?? Buffer.alloc(0);
          const { text, html: shown } = await PostalMime.parse(changed);
          expect(text).toContain('the summary');
          expect(shown).not.toContain('<pre');
          expect(String(changed)).toContain(html.join('\r\n'));
        }
      }
    },
  );

  it('is encoded for one of the parts alone, however many there are', () => {
    const long = `${'words = '.repeat(8)}\n`.repeat(60_000);
    const usual = textPart('text/plain', 'quoted-printable', 'x');
    for (const type of ['text/plain', 'text/html; charset=utf-7']) {
      const parts = Array.from({ length: 900 }, () => textPart(type, 'quoted-printable', 'x'));
      expect(addText(mixed([...parts, usual]), long)?.length).toBeGreaterThan(long.length);
    }
  });

  it('never changes what is signed', () => {
    const signed = multipart([plain, ['Content-Type: application/pgp-signature', '', 'x']], 'multipart/signed', 'in');
    const inside = lines(...signed.slice(2)).toString();
    for (const mail of [mixed([signed, REPORT_PART]), lines('From: a@b.example', ...signed)])
      expect(String(addText(mail, TEXT))).toContain(inside.trimEnd());
  });

  it('is not put into a mail whose header has lines that are no fields, or that nothing ends', () => {
    expect(addText(Buffer.from('words\nContent-Type: image/png\n\nx'), TEXT)).toBeUndefined();
    expect(addText(Buffer.from('Content-Type: image/png\n'), TEXT)).toBeUndefined();
  });

  it('leaves every byte of any mail where it was', () => {
    const line = fc.constantFrom(
      '--a',
      '--b',
      '--a--',
      '--b--',
      '--b --',
      '--ab',
      '--',
      '',
      'words',
      'words ',
      'words=',
      'd29yZHM=',
      'd29yZHM',
      '{"a": 1}',
      'Content-Type: multipart/mixed; boundary=a',
      'Content-Type: multipart/alternative; boundary="b"',
      'Content-Type: multipart/signed; boundary="b"',
      'Content-Type: multipart/report;\tboundary=b',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Type: text/html',
      'Content-Type: message/rfc822',
      'Content-Transfer-Encoding: base64',
      'Content-Transfer-Encoding: quoted-printable',
      'Content-Disposition: attachment',
      ' folded',
      '\0\x80\r',
    );
    const header = fc.constantFrom('', 'Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n');
    const pairs = fc.array(fc.tuple(line, fc.constantFrom('\r\n', '\n', '\r\n', '\r')), { maxLength: 30 });
    const mails = fc.tuple(header, pairs).map((pieces) => Buffer.from(pieces.flat(2).join(''), 'latin1'));
    const seen = { unchanged: 0, wrapped: 0, within: 0 };
    fc.assert(
      fc.property(mails, (mail) => {
        const added = addText(mail, 'a summary')?.toString('latin1');
        if (added === undefined) {
          seen.unchanged += 1;
          return;
        }
        // The last quantum of base64 may be another one; everything else is there, in one piece or around what is new.
        const original = mail.toString('latin1');
        if (added.includes('=_tlsrpt_')) {
          const fields = headerOf(original);
          expect(added).toContain(original.slice(fields.length));
          for (const field of fields.split('\n').filter((text) => text.trim() !== '')) expect(added).toContain(field);
          seen.wrapped += 1;
        } else {
          expect(withoutNew(original, added)).toBe(true);
          seen.within += 1;
        }
      }),
      { numRuns: 3_000, seed: 1 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(20);
  });
});

function headerOf(mail: string): string {
  return /^(?:[^]*?\n)??(?=\r?\n|$)/.exec(mail)?.[0] ?? '';
}

/** Whether one is the other with insertions, but for a few characters of base64. */
function withoutNew(original: string, added: string): boolean {
  const plainOf = (text: string): string => text.replace(/d29yZHM=?/g, 'd29yZ');
  let at = 0;
  const wanted = plainOf(original);
  for (const character of plainOf(added)) if (character === wanted.charAt(at)) at += 1;
  return at === wanted.length;
}

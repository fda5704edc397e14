import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteFieldRemoval } from '#adapters/mail/editing/field-removal.ts';
import { fieldsFrom, headerStart } from '#adapters/mail/editing/field-places.ts';

const NAME = 'TLS-Report-Has-Failures';

function removed(...pieces: readonly (string | Buffer)[]): string {
  const removal = new ByteFieldRemoval(NAME);
  const kept = pieces.map((piece) => removal.push(Buffer.from(piece as string, 'latin1')));
  return Buffer.concat([...kept, removal.end()]).toString('latin1');
}

/** Field by field of a whole mail. */
function expected(mail: Buffer): string {
  const fields = [...fieldsFrom(mail, headerStart(mail))].filter(({ name }) => name === NAME.toLowerCase());
  let [text, at] = ['', 0];
  for (const { start, end } of fields) {
    text += mail.toString('latin1', at, start);
    at = end;
  }
  return text + mail.toString('latin1', at);
}

function headerForMaildrop(mail: string): string {
  return /^[^]*?(?=\n\r?\n|$)/.exec(mail)?.[0].replaceAll('\r', '') ?? '';
}

describe('fields that are taken out of a header', () => {
  it('are taken out wherever a piece ends, and nothing else', () => {
    const text = fc.constantFrom(
      `${NAME}: 1`,
      `${NAME.toLowerCase()} \t: 2`,
      `${NAME} 3`,
      NAME,
      NAME.slice(0, 9),
      'From x',
      'X: y',
      ' folded',
      '\t',
      ' ',
      '',
      'words',
      ': x',
      `${NAME}\0`,
    );
    const lineEnd = fc.constantFrom('\n', '\r\n', '\r', '');
    const mails = fc.array(fc.tuple(text, lineEnd), { maxLength: 12 }).map((pairs) => pairs.flat().join(''));
    const cuts = fc.array(fc.nat(60), { maxLength: 6 });
    const seen = { changed: 0, unchanged: 0 };
    fc.assert(
      fc.property(mails, cuts, (mail, places) => {
        const sorted = [0, ...[...places].sort((a, b) => a - b)];
        const pieces = sorted.map((place, index) => mail.slice(place, sorted[index + 1]));
        const kept = removed(...pieces);
        expect(kept).toBe(removed(mail));
        const hasBlankTop = /^(?:From [^\r\n]*[\r\n]+)?[\r\n]/.test(mail);
        if (/\r(?!\n)|\0/.test(mail))
          expect(headerForMaildrop(removed(`X: y\n${mail}`))).not.toMatch(new RegExp(`^${NAME}(?:[ \t]*:|\0)`, 'im'));
        else if (!hasBlankTop) expect(kept).toBe(expected(Buffer.from(mail, 'latin1')));
        seen[kept === mail ? 'unchanged' : 'changed'] += 1;
      }),
      { numRuns: 5_000 },
    );
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(500);
  });

  it('are taken out behind blank lines at the top, where some readers begin to read', () => {
    expect(removed(`\n\r\n${NAME}: 99\nX: y\n\n${NAME}: 1\n`)).toBe(`\n\r\nX: y\n\n${NAME}: 1\n`);
    expect(removed('From x\n\n', `${NAME}: 99\n`, '\nwords')).toBe('From x\n\n\nwords');
  });

  it('may be of any size, and have any blanks before their colon', () => {
    const blanks = Array.from({ length: 10 }, () => ' '.repeat(1_000));
    expect(removed('X: y\n', NAME, ...blanks, ': 1\n', ' 2\n', 'Z: y\n\n')).toBe('X: y\nZ: y\n\n');
    const value = Array.from({ length: 100 }, () => 'x'.repeat(100_000));
    expect(removed('X: y\n', `${NAME}:`, ...value, '\r', '\n\t', ...value, '\n\nwords')).toBe('X: y\n\nwords');
  });

  it.each([
    `${NAME}\0 \0: 1`,
    `${NAME}\0words`,
    `${NAME}\r: 1`,
    `\r\r${NAME}\r\r \r: 1`,
    `TLS\r-report\r-has-FAILURES\r: 1\n 2`,
  ])('are taken out where maildrop alone sees one: %j', (field) => {
    const mail = `X: y\n${field}\nZ: y\n\n${NAME}: 1\n`;
    expect([removed(mail), removed(...mail.split(/(?=[^])/))]).toEqual([`X: y\nZ: y\n\n${NAME}: 1\n`, removed(mail)]);
  });

  it('leave behind a bare CR the line end of what stands before them', () => {
    expect(removed(`X: y\r${NAME}: 1\r\nZ: y\n\nwords`)).toBe('X: y\r\nZ: y\n\nwords');
    expect(removed(`\r${NAME}: 1\nZ: y\n\nwords`)).toBe('Z: y\n\nwords');
  });

  it('take no time that grows faster than the mail', () => {
    for (const text of ['\r', `${NAME}\r`, 'T\r', `${NAME}\r \r`, `${NAME} `])
      expect(removed(text.repeat(400_000 / text.length)).length).toBeLessThanOrEqual(400_000);
  });

  it('hold nothing back for longer than needed to tell them from others', () => {
    const removal = new ByteFieldRemoval(NAME);
    const push = (text: string): string => removal.push(Buffer.from(text)).toString();
    expect(['TLS', '-Other', ': x\r', '\nTLS-Rep', 'ort-Has-Failures: 1', '\nX', '\n'].map(push)).toEqual([
      '',
      'TLS-Other',
      ': x',
      '\r\n',
      '',
      'X',
      '\n',
    ]);
  });
});

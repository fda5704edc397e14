import { describe, expect, it } from 'vitest';
import { composeNoticeMail } from '#adapters/mail/compose-notice-mail.ts';

const ADDRESSING = { from: 'tlsrpt@a.example', fromName: 'TLS reports', to: 'admin@a.example', nowMs: 0 };

function mailOf(subject: string, text = 'One line.\nAnother.'): string {
  return composeNoticeMail({ id: 'one', madeMs: 0, subject, text, facts: {} }, ADDRESSING).toString('latin1');
}

describe('composeNoticeMail', () => {
  it('writes a mail of plain text that no vacation answers and no TLS policy holds up', () => {
    expect(mailOf('TLS failure is new').replace(/notice-\w{32}/, 'notice-X')).toBe(
      [
        'From: TLS reports',
        ' <tlsrpt@a.example>',
        'To: admin@a.example',
        'Subject: TLS failure is new',
        'Date: Thu, 01 Jan 1970 00:00:00 +0000',
        'Message-ID: <notice-X@a.example>',
        'MIME-Version: 1.0',
        'TLS-Required: No',
        'Auto-Submitted: auto-generated',
        'Content-Type: text/plain; charset=utf-8',
        'Content-Transfer-Encoding: 7bit',
        '',
        'One line.\r\nAnother.\r\n',
      ].join('\r\n'),
    );
  });

  it.each([
    ['a\r\nBcc: x@b.example', 'a?Bcc: x@b.example'],
    ['caf\u00e9 \u202e', 'caf? ?'],
    ['\n', '?'],
    [' ', 'TLS reports'],
    ['x'.repeat(2_000), 'x'.repeat(200)],
  ])('has no more of the subject %j in its header than one line of ASCII', (subject, written) => {
    const [header = ''] = mailOf(subject).split('\r\n\r\n');
    expect(header.split('\r\n')).toContain(`Subject: ${written}`);
    expect(header).not.toMatch(/^Bcc/m);
  });

  it('encodes a text that is not ASCII or has long lines', () => {
    const mail = mailOf('s', `gr\u00fc\u00dfe ${'x'.repeat(200)}`);
    expect(mail).toContain('Content-Transfer-Encoding: quoted-printable');
    expect(mail).toContain('gr=C3=BC=C3=9Fe');
    expect(mail.split('\r\n').every((line) => line.length <= 78)).toBe(true);
  });

  it('has the same Message-ID for each attempt', () => {
    const [one, other] = [mailOf('a'), mailOf('b')].map((mail) => /^Message-ID: .*$/m.exec(mail)?.[0]);
    expect([one, one]).toEqual([other, expect.stringMatching(/@a\.example>/)]);
  });
});

import { describe, expect, it } from 'vitest';
import { readPlainBounce } from '#tlsrpt/plain-bounce.ts';

function qsbmf(...paragraphs: readonly string[]): string {
  return [
    'Hi. This is the qmail-send program at mx.example.',
    ...paragraphs,
    '--- Below this line is a copy.',
    '<x@y.example>:\nno',
  ].join('\n\n');
}

describe('A bounce without a part for programs', () => {
  it('of qmail has a paragraph for each recipient, and nothing behind the line', () => {
    const text = qsbmf(
      '<A@x.example>:\nSorry, no mailbox here by that name. (#5.1.1)',
      '<b@x.example>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 no\nGiving up on 192.0.2.1.',
    );
    expect(readPlainBounce('', text)).toEqual([
      {
        action: 'failed',
        status: '5.1.1',
        words: 'Sorry, no mailbox here by that name. (#5.1.1)',
        mailboxes: ['a@x.example'],
      },
      {
        action: 'failed',
        status: '5.0.0',
        words: '192.0.2.1 does not like recipient.\nRemote host said: 550 no\nGiving up on 192.0.2.1.',
        mailboxes: ['b@x.example'],
      },
    ]);
  });

  it('of qmail is about nobody when the time ran out', () => {
    const words =
      "CNAME lookup failed temporarily. (#4.4.3)\nI'm not going to try again; this message has been in the queue too long.";
    expect(readPlainBounce('', qsbmf(`<a@x.example>:\n${words}`))).toMatchObject([{ status: '4.4.7' }]);
  });

  it('of Exim names in its header who did not get the mail, and in its text why', () => {
    const header = 'From: x@y.example\nX-Failed-Recipients: a@x.example,\n B@x.example\nTo: z@y.example';
    const text =
      'It failed:\n\n  a@x.example\n    550 5.1.1 Unknown user\n\n------ This is a copy. ------\n\nb@x.example 550 5.2.2';
    expect(readPlainBounce(header, text)).toMatchObject([
      { action: 'failed', status: '5.1.1', words: '550 5.1.1 Unknown user\n', mailboxes: ['a@x.example'] },
      { mailboxes: ['b@x.example'] },
    ]);
  });

  it('is looked at no more often than some recipients take, whatever a stranger names', () => {
    expect(readPlainBounce(`X-Failed-Recipients: ${'a@x.example,'.repeat(5_000)}`, 'no')).toHaveLength(20);
  });

  it.each([
    ['', 'Hi. I am away. <a@x.example>: 550 5.1.1'],
    ['Subject: Hi. This is the', '<a@x.example>:\nno'],
    ['', ''],
  ])('is no other mail: header %j, text %j', (header, text) => {
    expect(readPlainBounce(header, text)).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { judgeMailServer, judgeSendmail } from '#pipeline/doctor/judge-mail.ts';
import type { MailServerFacts, SendmailFacts } from '#pipeline/doctor/judge-mail.ts';
import type { MailTrial } from '#pipeline/doctor/mail-trial.ts';

const accepted: MailTrial = { kind: 'accepted', isEncrypted: false, isLoggedIn: false };
const sound: MailServerFacts = {
  server: 'smtp://localhost:25',
  sender: 'tlsrpt@sender.example',
  wantsLogin: false,
  trial: accepted,
};
const refused = (traits: Partial<Extract<MailTrial, { kind: 'refused' }>>): MailTrial => ({
  kind: 'refused',
  command: 'RCPT TO',
  reply: '554 5.7.1 no',
  about: 'us',
  isFinal: true,
  ...traits,
});
const noSession = (step: Extract<MailTrial, { kind: 'no-session' }>['step']): MailTrial => ({
  kind: 'no-session',
  step,
  why: 'ECONNREFUSED',
});

describe('judgeMailServer', () => {
  it.each<readonly [string, Partial<MailServerFacts>]>([
    ['takes it in clear', {}],
    ['takes it over TLS', { trial: { ...accepted, isEncrypted: true } }],
    ['knows us', { wantsLogin: true, trial: { ...accepted, isLoggedIn: true } }],
    ['does not know that recipient', { trial: refused({ about: 'recipient' }) }],
    ['wants that recipient to wait', { trial: refused({ about: 'unclear', isFinal: false }) }],
  ])('is content with a server that %s', (_, facts) => {
    expect(judgeMailServer({ ...sound, ...facts })).toMatchObject([{ grade: 'ok', check: 'mail' }]);
  });

  it.each<readonly [string, Partial<MailServerFacts>, 'broken' | 'warning', readonly [what: RegExp, fix: RegExp]]>([
    [
      'cannot be reached',
      { trial: noSession('connection') },
      'broken',
      [/localhost:25.*ECONNREFUSED/, /start the mail/],
    ],
    ['has no TLS as it is set', { trial: noSession('tls') }, 'broken', [/takes no mail/, /send\.smtp_tls/]],
    ['does not know us', { trial: noSession('login') }, 'broken', [/takes no mail/, /smtp_password_file/]],
    ['is no mail server', { trial: noSession('other') }, 'broken', [/takes no mail/, /log of the mail server/]],
    [
      'refuses our sender',
      { trial: refused({ command: 'MAIL FROM' }) },
      'broken',
      [/no mail from tlsrpt@sender\.example: 554/, /report\.from/],
    ],
    [
      'refuses our sender for now',
      { trial: refused({ command: 'MAIL FROM', about: 'unclear', isFinal: false }) },
      'warning',
      [/no mail from/, /report\.from/],
    ],
    [
      'refuses our sender with the recipient',
      { trial: refused({ reply: '554 5.7.1 <TLSRPT@sender.example>: Sender address rejected' }) },
      'broken',
      [/no mail from tlsrpt@sender\.example: 554/, /report\.from/],
    ],
    ['does not relay for us', { trial: refused({}) }, 'broken', [/no mail to other domains/, /mynetworks/]],
    [
      'refuses without saying why',
      { trial: refused({ about: 'unclear' }) },
      'warning',
      [/no mail to other domains/, /mynetworks/],
    ],
    ['lets nobody log in', { wantsLogin: true }, 'warning', [/no authentication/, /587/]],
  ])('finds a server that %s', (_, facts, grade, [what, fix]) => {
    expect(judgeMailServer({ ...sound, ...facts })).toEqual([
      { grade, check: 'mail', what: expect.stringMatching(what) as string, fix: expect.stringMatching(fix) as string },
    ]);
  });
});

describe('judgeSendmail', () => {
  it.each<readonly [SendmailFacts['kind'], string]>([
    ['executable', 'ok'],
    ['not-executable', 'broken'],
    ['missing', 'broken'],
  ])('takes a command that is %s for %s', (kind, grade) => {
    expect(judgeSendmail({ path: '/usr/sbin/sendmail', kind, confinedBy: [] })).toMatchObject([
      { grade, what: expect.stringContaining('/usr/sbin/sendmail') as string },
    ]);
  });

  it('says of one that needs rights which services keep from it', () => {
    const confinedBy = [
      { service: 'a.service', settings: ['NoNewPrivileges=', 'PrivateUsers='] },
      { service: 'b.service', settings: ['ReadWritePaths='] },
    ];
    expect(judgeSendmail({ path: '/usr/sbin/sendmail', kind: 'executable', confinedBy })).toMatchObject([
      {
        grade: 'broken',
        what:
          '/usr/sbin/sendmail is kept from the rights that it needs to queue a mail by a.service (NoNewPrivileges=, PrivateUsers=) ' +
          'and b.service (ReadWritePaths=).',
      },
    ]);
  });
});

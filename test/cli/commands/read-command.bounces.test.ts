import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  autoReply,
  eximBounce,
  exchangeBounce,
  googleBounce,
  messageIdOf,
  qmailBounce,
  RECORDED_DELAY,
  RECORDED_FAILURE,
} from '#test/support/bounces.ts';
import type { ReturnedMail } from '#test/support/bounces.ts';
import { run } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const RAW = RECORDED_FAILURE.slice(
  RECORDED_FAILURE.indexOf('From: tlsrpt@sender.example'),
  RECORDED_FAILURE.indexOf('--9EEA132.1795975452/mx1.sender.example--'),
);
const RETURNED: ReturnedMail = { from: 'tlsrpt@sender.example', to: 'tls@receiver.example', raw: RAW };
const MESSAGE_ID = messageIdOf(RAW);

async function reading(mail: string, ...flags: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const file = join(scratchDirectory(), 'mail.eml');
  writeFileSync(file, mail, 'latin1');
  return run(['read', ...flags, file]);
}

describe('tlsrpt read of a bounce', () => {
  it.each([
    ['a real Postfix', RECORDED_FAILURE, '5.1.1', '550 5.1.1 No such mailbox here'],
    ['Exchange', exchangeBounce(RETURNED), '5.1.10', /^550 5\.1\.10 RESOLVER\.ADR\.RecipientNotFound; /],
    ['Google', googleBounce(RETURNED), '5.1.1', /^550-5\.1\.1 The email account .* spaces\. - gsmtp$/],
    ['qmail', qmailBounce(RETURNED), '5.1.1', 'Sorry, no mailbox here by that name. (#5.1.1)'],
    ['Exim', eximBounce(RETURNED), '5.1.1', /550 5\.1\.1 Unknown user$/],
  ])('of %s says who did not get which mail, and why, and is no report of others', async (_, mail, status, words) => {
    const { code, stdout, stderr } = await reading(mail, '--json');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const expected = typeof words === 'string' ? words : (expect.stringMatching(words) as string);
    expect(JSON.parse(stdout)).toEqual([
      {
        source: expect.any(String) as string,
        bounce: {
          action: 'failed',
          status,
          words: expected,
          recipients: ['tls@receiver.example'],
          messageId: MESSAGE_ID,
        },
      },
    ]);
  });

  it('shows it to people', async () => {
    const { stdout } = await reading(RECORDED_FAILURE);
    expect(stdout).toMatch(
      /^bounced {3}tls@receiver\.example: 550 5\.1\.1 No such mailbox here\n {10}Message-ID\n {10}<2026/,
    );
  });

  it('tells a mail that is still tried from one that was given up', async () => {
    expect((await reading(RECORDED_DELAY)).stdout).toMatch(/^delayed {3}tls@slow\.example: 450 4\.2\.1 The mailbox/);
  });

  it.each([
    ['an automatic reply', autoReply(RETURNED)],
    [
      'the bounce of another mail',
      RECORDED_FAILURE.replaceAll(/Message-ID: .*|tlsrpt-bounces\+\w+@/g, 'x@').replace(
        /[^]application\/tlsrpt[^]*/,
        '',
      ),
    ],
  ])('takes %s for none', async (_, mail) => {
    const { code, stdout, stderr } = await reading(mail);
    expect(code).toBe(65);
    expect(stdout).toBe('');
    expect(stderr).toContain('there is no report in it');
  });
});

import { describe, expect, it } from 'vitest';
import { imapMailbox } from '#adapters/imap/imap-mailbox.ts';
import type { ImapMailboxOptions } from '#adapters/imap/imap-mailbox.ts';
import type { InboundMailbox, MailboxMail } from '#pipeline/read/inbound-mailbox.ts';
import { startFakeImapServer } from '#test/support/fake-imap-server.ts';
import type { FakeImapWish } from '#test/support/fake-imap-server.ts';
import { hangingUpAt } from '#test/support/imap-mailbox-outcome.ts';

const LONG_MS = 60_000;
const SHORT_MS = 500;
const mails = { 1: Buffer.from('one'), 2: Buffer.from('two'), 5: Buffer.from('five') };

function marking(port: number, wish: Partial<ImapMailboxOptions> = {}): InboundMailbox {
  return imapMailbox({
    location: { scheme: 'imap', user: 'me', host: '127.0.0.1', port, folder: 'INBOX' },
    password: 'secret',
    usesTls: false,
    timeoutMs: LONG_MS,
    deadlineMs: LONG_MS,
    marks: { seen: true, moveTo: undefined },
    ...wish,
  });
}

describe('Mails on an IMAP server that are to be marked', () => {
  it('as seen come first where they are not, and then the latest ones', async () => {
    const answer: FakeImapWish['answer'] = (command) =>
      command === 'UID SEARCH UNSEEN' ? '* SEARCH 5\r\n{tag} OK done\r\n' : undefined;
    const { port } = await startFakeImapServer({ mails, answer });
    const mailbox = marking(port);
    const uids: number[] = [];
    for await (const mail of mailbox.mails()) uids.push(mail.kind === 'mail' ? mail.uid : NaN);
    await mailbox.close();
    expect(uids).toEqual([5, 2, 1]);
  });

  it.each([
    [
      'falls silent',
      { answer: (command: string) => (/^UID FETCH 51,.*BODY/.test(command) ? '* OK wait\r\n' : undefined) },
    ],
    ['is slow', { delayMs: 200 }],
  ])('are marked also when the time of the mailbox is over, as its server %s', async (_, wish: FakeImapWish) => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (__, index) => [index + 1, Buffer.from('mail')]));
    const { port, commands } = await startFakeImapServer({ mails: many, ...wish });
    const mailbox = marking(port, { deadlineMs: 8_000 });
    const read: MailboxMail[] = [];
    let failure: string | undefined;
    for await (const mail of mailbox.mails()) {
      if (mail.kind === 'mail') read.push(mail);
      else failure = mail.why;
    }
    expect(failure).toBe('it takes longer than 8 s as a whole (read.imap_deadline)');
    expect(await mailbox.mark([read[0] as MailboxMail])).toBeUndefined();
    await mailbox.close();
    expect(commands.filter((command) => command.includes('STORE'))).toEqual(['UID STORE 1 +FLAGS.SILENT (\\Seen)']);
  });

  it('are marked also when reading was given up, as its server hung up again and again', async () => {
    const many = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [index + 1, Buffer.from('mail')]));
    const answer = hangingUpAt(/^UID FETCH (?:[2-9]|\d{2,}|\S*,\S*) .*BODY/);
    const { port, commands } = await startFakeImapServer({ mails: many, answer });
    const mailbox = marking(port);
    const read: MailboxMail[] = [];
    let failure: string | undefined;
    for await (const mail of mailbox.mails()) {
      if (mail.kind === 'mail') read.push(mail);
      else failure = mail.why;
    }
    expect(failure).toBe('the connection was lost');
    expect(await mailbox.mark(read.filter(({ uid }) => uid === 1))).toBeUndefined();
    await mailbox.close();
    expect(commands.filter((command) => command.includes('STORE'))).toEqual(['UID STORE 1 +FLAGS.SILENT (\\Seen)']);
  });

  it('stay as they are where the server takes longer for that than for one answer', async () => {
    const answer: FakeImapWish['answer'] = (command) => (command.includes('STORE') ? '* OK wait\r\n' : undefined);
    const { port } = await startFakeImapServer({ mails, answer });
    const mailbox = marking(port, { deadlineMs: SHORT_MS, timeoutMs: SHORT_MS });
    for await (const mail of mailbox.mails())
      if (mail.kind === 'mail' && mail.uid === 1)
        expect(await mailbox.mark([mail])).toEqual({
          kind: 'failed',
          code: 'mailbox-unavailable',
          why: expect.stringContaining('read.imap_') as string,
        });
    await mailbox.close();
  });
});

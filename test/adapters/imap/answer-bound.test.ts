import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { imapMailbox } from '#adapters/imap/imap-mailbox.ts';
import type { FakeImapWish } from '#test/support/fake-imap-server.ts';
import { mailRow, startFakeImapServer } from '#test/support/fake-imap-server.ts';

const MOST_BYTES = 100_000_000;

/** Until the other side hangs up. */
function sayAgainAndAgain(socket: Socket, said: string): void {
  socket.on('drain', say);
  say();

  function say(): void {
    while (!socket.destroyed && socket.write(said));
  }
}

async function whyNothingComes(answer: NonNullable<FakeImapWish['answer']>): Promise<unknown[]> {
  const { port } = await startFakeImapServer({ mails: { 1: Buffer.from('one') }, answer });
  const mailbox = imapMailbox({
    location: { scheme: 'imap', user: 'me', host: '127.0.0.1', port, folder: 'INBOX' },
    password: 'secret',
    usesTls: false,
    timeoutMs: 60_000,
    deadlineMs: 60_000,
    marks: { seen: false, moveTo: undefined },
  });
  const found = [];
  for await (const mail of mailbox.mails()) found.push(mail.kind === 'failed' ? mail.why : mail.uid);
  await mailbox.close();
  return found;
}

describe('An answer of an IMAP server', () => {
  it.each([
    ['numbers', 'UID SEARCH', `* SEARCH ${'1 '.repeat(10_000)}\r\n`],
    ['words', 'UID SEARCH', `* OK ${'word '.repeat(10_000)}\r\n`],
    ['mails that nobody asked for', 'UID FETCH', mailRow(9, Buffer.alloc(1_000_000)).toString()],
  ])('that goes on for ever with %s is left once it is longer than any', async (_, asked, said) => {
    let sentBytes = 0;
    const found = await whyNothingComes((command, socket) => {
      if (!command.startsWith(asked)) return undefined;
      socket.on('close', () => (sentBytes += socket.bytesWritten));
      sayAgainAndAgain(socket, said);
      return '';
    });
    expect(found).toEqual(['the server sends more than it was asked for']);
    expect(sentBytes).toBeLessThan(MOST_BYTES);
  });

  it('of several pieces is taken while it is not', async () => {
    const found = await whyNothingComes((command) =>
      command.startsWith('UID SEARCH') ? `${'* SEARCH 1\r\n'.repeat(100_000)}{tag} OK done\r\n` : undefined,
    );
    expect(found).toEqual([1]);
  });
});

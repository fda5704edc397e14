import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { mailRow } from '#test/support/fake-imap-server.ts';
import type { FakeImapWish } from '#test/support/fake-imap-server.ts';
import { outcomeOf, hangingUpAt, refused, unavailable } from '#test/support/imap-mailbox-outcome.ts';

function refusing(which: RegExp, before = ''): NonNullable<FakeImapWish['answer']> {
  return (command) => (which.test(command) ? `${before}{tag} NO no\r\n` : undefined);
}

function manyMails(count: number): Record<number, Buffer> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [index + 1, Buffer.from('mail')]));
}

const mails = { 1: Buffer.from('one'), 2: Buffer.from('two'), 5: Buffer.from('five') };
const asTexts = { 1: 'one', 2: 'two', 5: 'five' };

describe('A mailbox on an IMAP server, with damaged mails,', () => {
  it('names a mail that the server does not give, and gives the others', async () => {
    const answer: FakeImapWish['answer'] = (command) =>
      /^UID FETCH (?:2|\S*,2,\S*) .*BODY/.test(command) ? '{tag} NO [SERVERBUG] broken\u001b[2J\r\n' : undefined;
    const { mails: found, failure } = await outcomeOf({
      mails,
      answer: (command, socket) => answer(command, socket)?.toString().replace('[SERVERBUG] ', ''),
    });
    expect([found, failure]).toEqual([{ ...asTexts, 2: '[the server does not give it: broken [2J]' }, undefined]);
  });

  it.each(['NIL', '""', '{0}\r\n'])('names a mail of which the server gives %j, and gives the others', async (none) => {
    const nothing = Buffer.from(`* 2 FETCH (UID 2 BODY[]<0> ${none})\r\n`);
    const { mails: found, failure } = await outcomeOf({
      mails,
      answer: (command) => {
        const uids = /^UID FETCH (\S+) .*BODY/.exec(command)?.[1]?.split(',') ?? [];
        return uids.includes('2') ? Buffer.concat([mailRow(1, mails[1]), nothing, mailRow(5, mails[5])]) : undefined;
      },
    });
    expect([found, failure]).toEqual([{ ...asTexts, 2: '[the server does not give it]' }, undefined]);
  });

  const listsMail2 = /^UID FETCH (?:2|\S*,2,\S*) .*RFC822\.SIZE/;
  const rowOfMail1 = '* 1 FETCH (UID 1 FLAGS () RFC822.SIZE 3)\r\n';
  it.each([
    ['hangs up at', hangingUpAt(listsMail2)],
    [
      'hangs up in the middle, at',
      (command: string, socket: Socket) => {
        if (!listsMail2.test(command)) return undefined;
        socket.end(rowOfMail1);
        return '';
      },
    ],
    ['refuses', refusing(listsMail2)],
    ['refuses, though it has one more,', refusing(listsMail2, rowOfMail1)],
  ])('gives all mails of a server that %s the size of one', async (_, answer) => {
    const { mails: found, failure } = await outcomeOf({ mails, answer });
    expect([found, failure]).toEqual([asTexts, undefined]);
  });

  it('names a mail that the server cannot even list, and gives the others', async () => {
    const answer = refusing(/^UID FETCH (?:2|1,2,5|2,5) /, rowOfMail1);
    const { mails: found, failure } = await outcomeOf({ mails, answer });
    expect([found, failure]).toEqual([{ ...asTexts, 2: '[the server does not give it: no]' }, undefined]);
  });

  it('is given up when nothing in it can be listed', async () => {
    const { mails: found, failure, commands } = await outcomeOf({ mails, answer: refusing(/^UID FETCH/) });
    expect([found, failure]).toEqual([{}, refused('its mails cannot be listed: no')]);
    expect(commands.filter((command) => command.startsWith('UID FETCH'))).toHaveLength(2);
  });

  it('names a mail at which the server hangs up, and gives the others', async () => {
    const { mails: found, failure } = await outcomeOf({
      mails,
      answer: hangingUpAt(/^UID FETCH (?:2|\S*,2,\S*) .*BODY/),
    });
    expect([found, failure]).toEqual([{ ...asTexts, 2: '[the connection was lost]' }, undefined]);
  });

  it('is given up when its server hangs up again and again', async () => {
    const { failure, commands } = await outcomeOf({ mails: manyMails(200), answer: hangingUpAt(/BODY/) });
    expect(failure).toEqual(unavailable('the connection was lost'));
    expect(commands.filter((command) => command.startsWith('LOGIN'))).toHaveLength(100);
  });

  it('is read to its end however many mails its server hangs up at, as long as it gives some between them', async () => {
    const { mails: found, failure } = await outcomeOf({
      mails: manyMails(220),
      answer: hangingUpAt(/^UID FETCH (?:\d*[02468]|\S*,\S*) .*BODY/),
    });
    expect(failure).toBeUndefined();
    expect(Object.values(found).filter((text) => text === 'mail')).toHaveLength(110);
  });
});

import { describe, expect, it } from 'vitest';
import { imapMailbox } from '#adapters/imap/imap-mailbox.ts';
import { mailRow, startFakeImapServer } from '#test/support/fake-imap-server.ts';
import type { FakeImapWish } from '#test/support/fake-imap-server.ts';
import { hangingUpAt, outcomeOf, PASSWORD, readAll, refused, unavailable } from '#test/support/imap-mailbox-outcome.ts';
import { startSilentServer } from '#test/support/silent-server.ts';

const LONG_MS = 60_000;
const SHORT_MS = 500;

const mails = { 1: Buffer.from('one'), 2: Buffer.from('two'), 5: Buffer.from('five') };
const asTexts = { 1: 'one', 2: 'two', 5: 'five' };

describe('A mailbox on an IMAP server', () => {
  it('gives all mails, and marks none as seen', async () => {
    const { mails: found, failure, commands } = await outcomeOf({ mails });
    expect([found, failure]).toEqual([asTexts, undefined]);
    expect(commands).toContain('EXAMINE INBOX');
    expect(commands.filter((command) => /STORE|BODY\[|EXPUNGE|^SELECT/.test(command))).toEqual([]);
  });

  it('gives large mails piece by piece, whatever the server says of their size', async () => {
    const large = Buffer.alloc(2_500_000, 'mail ');
    const pieces = Buffer.alloc(262_144, 'x');
    for (const sizeBytes of [0, 1, 2_500_000, 4_294_967_295]) {
      const { mails: found } = await outcomeOf({ mails: { 7: large, 8: pieces }, sizeBytes });
      expect(found[7] === large.toString() && found[8] === pieces.toString()).toBe(true);
    }
  });

  it('gives whole mails of a server that knows no pieces', async () => {
    const large = Buffer.alloc(600_000, 'mail ');
    const answer: FakeImapWish['answer'] = (command) => (command.includes('BODY.PEEK') ? mailRow(7, large) : undefined);
    const { mails: found } = await outcomeOf({ mails: { 7: large }, answer });
    expect(found[7] === large.toString()).toBe(true);
  });

  it.each([
    ['says that there is nothing more', '* 7 FETCH (UID 7 BODY[]<262144> NIL)\r\n'],
    ['says nothing of it', ''],
  ])('does not take the beginning of a mail for all of it when the server %s', async (_, said) => {
    const answer: FakeImapWish['answer'] = (command) =>
      command.includes('BODY.PEEK[]<262144.') ? `${said}{tag} OK done\r\n` : undefined;
    const torn = await outcomeOf({ mails: { 7: Buffer.alloc(600_000, 'x'), 8: Buffer.from('eight') }, answer });
    expect([torn.mails, torn.failure]).toEqual([
      { 7: `${'x'.repeat(262_144)}[the server does not give it as a whole]`, 8: 'eight' },
      undefined,
    ]);
    const whole = await outcomeOf({ mails: { 7: Buffer.alloc(262_144, 'x') }, answer });
    expect(whole.mails[7] === 'x'.repeat(262_144)).toBe(true);
  });

  it('takes no more of a large mail than is asked for', async () => {
    const { port, commands } = await startFakeImapServer({
      mails: { 7: Buffer.alloc(8_000_000) },
      sizeBytes: 2_147_483_648,
    });
    const location = { scheme: 'imap', user: 'me', host: '127.0.0.1', port, folder: 'INBOX' } as const;
    const marks = { seen: false, moveTo: undefined };
    const mailbox = imapMailbox({
      location,
      password: PASSWORD,
      usesTls: false,
      timeoutMs: LONG_MS,
      deadlineMs: LONG_MS,
      marks,
    });
    for await (const mail of mailbox.mails()) {
      if (mail.kind === 'failed') throw new Error(mail.why);
      expect(mail.sizeBytes).toBe(2_147_483_648);
      for await (const chunk of mail.bytes()) {
        expect(chunk).toHaveLength(262_144);
        break;
      }
    }
    await mailbox.close();
    expect(commands.filter((command) => command.includes('BODY.PEEK'))).toHaveLength(1);
  });

  it('leaves out mails that are gone meanwhile, and what nobody asked for', async () => {
    const rows = Buffer.concat([
      mailRow(9, Buffer.from('strange')),
      Buffer.from('* 3 EXPUNGE\r\n* 1 FETCH (FLAGS (\\Seen))\r\n'),
      mailRow(2, mails[2]),
    ]);
    const { mails: found, failure } = await outcomeOf({
      mails,
      answer: (command) => (command.includes('BODY.PEEK') ? rows : undefined),
    });
    expect([found, failure]).toEqual([{ 2: 'two' }, undefined]);
  });

  it('gives what came before the server was lost', async () => {
    const { mails: found, failure } = await outcomeOf({
      mails,
      mostConnections: 1,
      answer: (command, socket) => {
        if (!command.includes('BODY.PEEK')) return undefined;
        socket.end(Buffer.concat([mailRow(1, mails[1]), mailRow(2, mails[2]).subarray(0, -4)]));
        return '';
      },
    });
    expect([found, failure]).toEqual([{ 1: 'one' }, unavailable(expect.any(String))]);
  });

  it.each(['[UIDVALIDITY 1]', ''])('is given up where numbers may mean other mails after a loss: %s', async (said) => {
    let opened = 0;
    const hangUp = hangingUpAt(/BODY/);
    const answer: FakeImapWish['answer'] = (command, socket) => {
      if (!command.startsWith('EXAMINE')) return hangUp(command, socket);
      opened += 1;
      return `* 3 EXISTS\r\n* OK ${said.replace('1', String(opened))}\r\n{tag} OK done\r\n`;
    };
    const { mails: found, failure } = await outcomeOf({ mails, answer });
    expect([found, failure]).toEqual([
      {},
      unavailable('the connection was lost, and the folder has other numbers since'),
    ]);
  });

  it('says why the server ended it', async () => {
    const answer: FakeImapWish['answer'] = (command) =>
      command.startsWith('UID SEARCH') ? '* BYE for\u202emaintenance\u001b[2J\r\n' : undefined;
    expect((await outcomeOf({ answer })).failure).toEqual(unavailable('the server ended it: for maintenance [2J'));
  });

  it.each([
    ['NO [AUTHENTICATIONFAILED] no', refused('the login is refused: no')],
    ['NO [UNAVAILABLE] later', unavailable('the login is refused: later')],
  ])('tells a login that is refused from one that is refused for now: %s', async (said, failure) => {
    const answer: FakeImapWish['answer'] = (command) => (command.startsWith('LOGIN') ? `{tag} ${said}\r\n` : undefined);
    expect((await outcomeOf({ answer })).failure).toEqual(failure);
  });

  it.each([
    ['a server without STARTTLS', 'IMAP4rev1'],
    ['one that refuses it', 'IMAP4rev1 STARTTLS'],
  ])('never says the password in clear where TLS is required, as to %s', async (_, capabilities) => {
    const answer: FakeImapWish['answer'] = (command) => (command === 'STARTTLS' ? '{tag} NO not now\r\n' : undefined);
    const { failure, commands } = await outcomeOf({ capabilities, answer }, { usesTls: true });
    expect(failure).toEqual(refused('Server does not support STARTTLS'));
    expect(commands.filter((command) => command.includes(PASSWORD))).toEqual([]);
  });

  it('says nothing to a server that does not speak TLS where the URL says so', async () => {
    const { failure, commands } = await outcomeOf({}, { scheme: 'imaps' });
    expect([failure, commands.join()]).toEqual([
      refused('TLS failed: wrong version number'),
      expect.not.stringContaining('LOGIN'),
    ]);
  });

  it('says nothing in clear to a server that says that it knows us already', async () => {
    const { failure, commands } = await outcomeOf({ greeting: '* PREAUTH welcome\r\n' }, { usesTls: true });
    expect(failure).toEqual(refused(expect.stringContaining('PREAUTH')));
    expect(commands).toEqual(['CAPABILITY']);
  });
});

describe('A hostile IMAP server', () => {
  it('that is silent is left after the time of an answer', async () => {
    const server = await startSilentServer();
    expect((await readAll(server.port, { timeoutMs: SHORT_MS })).failure).toEqual(
      unavailable('no answer within 0.5 s (read.imap_timeout)'),
    );
    server.close();
  });

  it.each(['CAPABILITY', 'LOGIN', 'EXAMINE', 'UID SEARCH', 'UID FETCH'])(
    'that trickles in answer to %s is left as well',
    async (slow) => {
      const answer: FakeImapWish['answer'] = (command, socket) => {
        if (!command.startsWith(slow)) return undefined;
        const timer = setInterval(() => socket.write('* OK x\r\n'), 20);
        socket.on('close', () => {
          clearInterval(timer);
        });
        return '';
      };
      expect((await outcomeOf({ mails, answer }, { timeoutMs: SHORT_MS })).failure).toEqual(
        unavailable('no answer within 0.5 s (read.imap_timeout)'),
      );
    },
  );

  it('that answers each time, though slowly, is left when the whole takes too long', async () => {
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [index + 1, Buffer.from('mail')]));
    const { mails: found, failure } = await outcomeOf({ mails: many, delayMs: 50 }, { deadlineMs: 1_000 });
    expect(Object.keys(found).length).toBeLessThan(2_000);
    expect(failure).toEqual(unavailable('it takes longer than 1 s as a whole (read.imap_deadline)'));
  });

  it.each([
    ['a mail of 2 GB', '* 1 FETCH (UID 1 BODY[]<0> {2147483648}\r\n', /Literal size 2147483648 exceeds/],
    ['a size that is no number', '* 1 FETCH (UID 1 BODY[]<0> {99999999999999999999}\r\n', /Literal size/],
    ['a line without end', `* OK ${'x'.repeat(17_000_000)}`, /exceeds maximum allowed size/],
    ['many small things', `* 1 FETCH (X (${'1 '.repeat(200_000)}))\r\n`, /tokens/],
  ])('that sends %s costs the mails that it does so for', async (_, said, why) => {
    const { mails: found, failure } = await outcomeOf({
      mails,
      answer: (command) => (/^UID FETCH (?:2|\S*,2,\S*) .*BODY/.test(command) ? said : undefined),
    });
    expect([found, failure]).toEqual([{ ...asTexts, 2: expect.stringMatching(why) as string }, undefined]);
  });

  it('that sends many mails larger than it says is asked for one after the other', async () => {
    const mail = Buffer.alloc(7_000_000, 'x');
    const { mails: found, failure } = await outcomeOf({
      mails,
      answer: (command) => {
        const [, uids] = /^UID FETCH (\S+) .*BODY/.exec(command) ?? [];
        return uids === undefined ? undefined : Buffer.concat(uids.split(',').map((uid) => mailRow(uid, mail)));
      },
    });
    expect([Object.values(found).map(({ length }) => length), failure]).toEqual([Array(3).fill(7_000_000), undefined]);
  });

  it('that talks nonsense gives nothing, and ends in order', async () => {
    const nonsense = Buffer.from(
      '* ((((((\r\n\0\xff\r\n* 1 FETCH UID\r\n* SEARCH x 0 -1 1e9 99999999999\r\n* BAD\r\n',
      'latin1',
    );
    for (const command of ['CAPABILITY', 'NAMESPACE', 'LIST', 'EXAMINE', 'UID SEARCH', 'UID FETCH']) {
      const { mails: found } = await outcomeOf(
        {
          mails,
          answer: (asked) => (asked.startsWith(command) ? nonsense : undefined),
        },
        { timeoutMs: 5_000 },
      );
      expect(Object.keys(found).length, command).toBeLessThanOrEqual(3);
    }
  });
});

import { describe, expect, it } from 'vitest';
import type { InboundMailbox, MailboxFailure, MailboxMail } from '#pipeline/read/inbound-mailbox.ts';
import { readMailbox } from '#pipeline/read/read-mailbox.ts';
import { forwarded, ordinaryMail, reportMail } from '#test/support/inbound-mails.ts';
import { openerHere, unaskedSender } from '#test/support/mail-opening.ts';

const lost: MailboxFailure = { kind: 'failed', code: 'mailbox-unavailable', why: 'the connection was lost' };
const report = reportMail();
const broken = reportMail({ content: Buffer.from('{') });

interface Wish {
  readonly mails: readonly (Buffer | MailboxFailure)[];
  readonly changesMails?: boolean;
  readonly unsafe?: readonly number[];
  readonly marks?: MailboxFailure;
}

/** What happens, in its order. */
async function happenings(wish: Wish): Promise<string[]> {
  const happened: string[] = [];
  const mailbox: InboundMailbox = {
    name: 'box',
    changesMails: wish.changesMails ?? true,
    mails: async function* () {
      for (const [index, mail] of wish.mails.entries()) yield Buffer.isBuffer(mail) ? mailOf(index, mail) : mail;
    },
    mark: async (mails) => {
      happened.push(`mark ${summary(mails.map(({ uid }) => uid))}`);
      return wish.marks;
    },
    close: async () => void happened.push('close'),
  };
  const reading = {
    reader: { opener: openerHere, verifying: unaskedSender, requiresSender: false },
    secure: async () => {
      happened.push('secure');
      return new Set((wish.unsafe ?? []).map((uid) => `box/${String(uid)}`));
    },
    unmarked: ({ why }: MailboxFailure, mails: number) => happened.push(`${String(mails)} unmarked: ${why}`),
  };
  await readMailbox(mailbox, reading, async ({ kind, source }) => void happened.push(`${kind} ${source}`));
  return happened;
}

function mailOf(uid: number, mail: Buffer): MailboxMail {
  const bytes = async function* (): AsyncGenerator<Uint8Array> {
    yield mail;
  };
  return { kind: 'mail', name: `box/${String(uid)}`, isNamed: false, uid, isSeen: false, bytes };
}

function summary(uids: readonly number[]): string {
  return uids.length > 4 ? `${String(uids[0])}..${String(uids.at(-1))}` : uids.join(' ');
}

describe('A mailbox', () => {
  it('has its mails marked of which all was read, when that is safe', async () => {
    const mails = [report, ordinaryMail, broken, forwarded(report), report];
    expect(await happenings({ mails, unsafe: [3] })).toEqual([
      'report box/0',
      'passed-over box/1',
      'unreadable box/2',
      'report box/3',
      'report box/4',
      'secure',
      'mark 0 4',
      'close',
    ]);
  });

  it('has nothing stored for its sake where nothing is to be marked', async () => {
    expect(await happenings({ mails: [report], changesMails: false })).toEqual(['report box/0', 'close']);
    expect(await happenings({ mails: [ordinaryMail] })).toEqual(['passed-over box/0', 'close']);
    expect(await happenings({ mails: [report], unsafe: [0] })).toEqual(['report box/0', 'secure', 'close']);
  });

  it('has many mails marked as they come', async () => {
    const happened = await happenings({ mails: Array<Buffer>(1_500).fill(report) });
    expect(happened.filter((what) => !what.startsWith('report'))).toEqual([
      'secure',
      'mark 0..999',
      'secure',
      'mark 1000..1499',
      'close',
    ]);
  });

  it('is named when its server is lost, and nothing more is asked of it', async () => {
    expect(await happenings({ mails: [report, lost, report] })).toEqual(['report box/0', 'unreadable box', 'close']);
  });

  it('is read to its end when its mails cannot be marked, which is told once', async () => {
    const happened = await happenings({ mails: Array<Buffer>(2_100).fill(report), marks: lost });
    expect(happened.filter((what) => !what.startsWith('report'))).toEqual([
      'secure',
      'mark 0..999',
      '1000 unmarked: the connection was lost',
      'close',
    ]);
    expect(happened).toHaveLength(2_104);
  });
});

import { describe, expect, it } from 'vitest';
import type { InboundMailbox, MailboxFailure, MailboxMail } from '#pipeline/read/inbound-mailbox.ts';
import { readMailbox } from '#pipeline/read/read-mailbox.ts';
import { RECORDED_FAILURE } from '#test/support/bounces.ts';
import { forwarded, ordinaryMail, REPORT_HEADER, reportMail } from '#test/support/inbound-mails.ts';
import { openerHere, unaskedSender } from '#test/support/mail-opening.ts';

const lost: MailboxFailure = { kind: 'failed', code: 'mailbox-unavailable', why: 'the connection was lost' };
const report = reportMail();
const bounce = Buffer.from(RECORDED_FAILURE, 'latin1');
const notGiven = Buffer.alloc(0);
const broken = reportMail({ content: Buffer.from('{') });

interface Wish {
  readonly mails: readonly (Buffer | MailboxFailure)[];
  readonly changesMails?: boolean;
  /** Of the mails, which are marked as seen. */
  readonly seen?: readonly number[];
  readonly unsafe?: readonly number[];
  readonly marks?: MailboxFailure;
  readonly requiresSender?: boolean;
}

/** What happens, in its order. */
async function happenings(wish: Wish): Promise<string[]> {
  const happened: string[] = [];
  const sources = new Set<string>();
  const mailbox: InboundMailbox = {
    name: 'box',
    changesMails: wish.changesMails ?? true,
    mails: async function* () {
      for (const [index, mail] of wish.mails.entries())
        yield Buffer.isBuffer(mail) ? mailOf(index, mail, wish.seen?.includes(index)) : mail;
    },
    mark: async (mails) => {
      happened.push(`mark ${summary(mails.map(({ uid }) => uid))}`);
      return wish.marks;
    },
    close: async () => void happened.push('close'),
  };
  const reading = {
    reader: { opener: openerHere, verifying: unaskedSender, requiresSender: wish.requiresSender ?? false },
    secure: async () => {
      happened.push('secure');
      const ofUnsafe = (source: string) => wish.unsafe?.includes(parseInt(source.slice('box/'.length)));
      return new Set([...sources].filter(ofUnsafe));
    },
    unmarked: ({ why }: MailboxFailure, mails: number) => happened.push(`${String(mails)} unmarked: ${why}`),
  };
  await readMailbox(mailbox, reading, async (found) => {
    sources.add(found.source);
    const isKnown = found.kind === 'unreadable' && found.isKnown === true;
    happened.push(`${isKnown ? 'known ' : ''}${found.kind} ${found.source}`);
  });
  return happened;
}

function mailOf(uid: number, mail: Buffer, isSeen = false): MailboxMail {
  const bytes = async function* (): AsyncGenerator<Uint8Array> {
    if (mail === notGiven) throw Object.assign(new Error('the server does not give it'), { code: 'EIO' });
    yield mail;
  };
  return { kind: 'mail', name: `box/${String(uid)}`, isNamed: false, uid, isSeen, bytes };
}

function summary(uids: readonly number[]): string {
  return uids.length > 4 ? `${String(uids[0])}..${String(uids.at(-1))}` : uids.join(' ');
}

describe('A mailbox', () => {
  it('has its mails marked that are done with, when that is safe: with reports, bounces, or what can never be read', async () => {
    const mails = [report, ordinaryMail, broken, forwarded(report), bounce, notGiven, report];
    expect(await happenings({ mails, unsafe: [3] })).toEqual([
      'report box/0',
      'passed-over box/1',
      'unreadable box/2',
      'report box/3',
      'bounce box/4',
      'unreadable box/5',
      'report box/6',
      'secure',
      'mark 0 2 4 6',
      'close',
    ]);
  });

  it('has no mail marked of which something is not safe, whatever that was found in', async () => {
    const mails = [report, Buffer.concat([Buffer.from('From a@b.example Mon Nov 30 09:00:00 2026\n'), report]), report];
    expect(await happenings({ mails, unsafe: [1] })).toEqual([
      'report box/0',
      'report box/1#1',
      'report box/2',
      'secure',
      'mark 0 2',
      'close',
    ]);
  });

  it('has a mail marked whose sender is not shown, unless that could not be found out', async () => {
    const signature = 'DKIM-Signature: v=1; a=rsa-sha256; d=reporter.example; s=x; h=From; bh=AAAA; b=AAAA';
    const signed = reportMail({ header: [...REPORT_HEADER, signature] });
    expect(await happenings({ mails: [report, signed], requiresSender: true })).toEqual([
      'unreadable box/0',
      'unreadable box/1',
      'secure',
      'mark 0',
      'close',
    ]);
  });

  it('names what cannot be read no more once the mail is seen, but for what the server does not give', async () => {
    expect(await happenings({ mails: [broken, broken, notGiven, report], seen: [1, 2, 3] })).toEqual([
      'unreadable box/0',
      'known unreadable box/1',
      'unreadable box/2',
      'report box/3',
      'secure',
      'mark 0 1 3',
      'close',
    ]);
  });

  it('has nothing stored for its sake where nothing is to be marked', async () => {
    expect(await happenings({ mails: [report], changesMails: false })).toEqual(['report box/0', 'close']);
    expect(await happenings({ mails: [ordinaryMail] })).toEqual(['passed-over box/0', 'close']);
    expect(await happenings({ mails: [report], unsafe: [0] })).toEqual(['report box/0', 'secure', 'close']);
  });

  it('has many mails marked as they come', async () => {
    const happened = await happenings({ mails: Array<Buffer>(250).fill(report) });
    expect(happened.filter((what) => !what.startsWith('report'))).toEqual([
      'secure',
      'mark 0..99',
      'secure',
      'mark 100..199',
      'secure',
      'mark 200..249',
      'close',
    ]);
  });

  it('is named when its server is lost or takes too long, and has marked what was read until then', async () => {
    expect(await happenings({ mails: [report, lost, report] })).toEqual([
      'report box/0',
      'unreadable box',
      'secure',
      'mark 0',
      'close',
    ]);
  });

  it('is read to its end when its mails cannot be marked, which is told once, of all of them', async () => {
    const happened = await happenings({ mails: Array<Buffer>(210).fill(report), marks: lost });
    expect(happened.filter((what) => !what.startsWith('report'))).toEqual([
      'secure',
      'mark 0..99',
      '210 unmarked: the connection was lost',
      'close',
    ]);
    expect(happened).toHaveLength(214);
  });
});

import { describe, expect, it } from 'vitest';
import type { MailCarrier } from '#adapters/mail/mail-carrier.ts';
import { mailTransport } from '#adapters/mail/mail-transport.ts';
import { smtpTransport } from '#adapters/mail/smtp-transport.ts';
import type { DeliveryOutcome, ReportTransport } from '#pipeline/send/report-transport.ts';
import { reportWithId } from '#test/contracts/report-transport.contract.ts';
import { smtpError, startSmtpSink } from '#test/support/smtp-sink.ts';
import type { ReportingAddress } from '#tlsrpt/reporting-address.ts';

const REPORT = reportWithId('id-1@sender.example');
const ADDRESS: ReportingAddress = {
  scheme: 'mailto',
  uri: 'mailto:tls@good.example',
  mailbox: 'tls@good.example',
  host: 'good.example',
};
const COPY = 'archive@sender.example';
const DELIVERED: DeliveryOutcome = { kind: 'delivered', reply: '250 Ok' };

interface Noted {
  readonly transport: ReportTransport;
  readonly notes: (readonly [reportId: string, DeliveryOutcome['kind']])[];
}

function copying(carrier: MailCarrier): Noted {
  const notes: Noted['notes'] = [];
  const noteCopy = (reportId: string, { kind }: DeliveryOutcome): void => {
    notes.push([reportId, kind]);
  };
  const options = { from: 'tlsrpt@sender.example', now: () => 0, copies: { to: COPY, noteCopy } };
  return { transport: mailTransport(carrier, options), notes };
}

describe('the sender of a mail', () => {
  it.each([
    [undefined, 'tlsrpt@sender.example'],
    ['noreply@sender.example', 'noreply@sender.example'],
  ])('that is set to be %s is %s, in the header, the envelope and the copy', async (from, expected) => {
    const senders: (string | undefined)[] = [];
    const carrier: MailCarrier = {
      transmit: async (mail, envelope) => {
        senders.push(envelope.from, /^From: (.*)\r$/m.exec(mail.toString('latin1'))?.[1]);
        return DELIVERED;
      },
      close: async () => undefined,
    };
    const transport = mailTransport(carrier, { from, now: () => 0, copies: { to: COPY, noteCopy: () => undefined } });
    await transport.deliver(REPORT, ADDRESS);
    await transport.close();
    expect(senders).toEqual(Array.from({ length: 4 }, () => expected));
  });
});

describe('the sender of an envelope', () => {
  it('names the delivery where it has a token and bounces are told apart, and never that of a copy', async () => {
    const seen: (readonly [envelope: string, header: string | undefined, to: string])[] = [];
    const carrier: MailCarrier = {
      transmit: async (mail, { from, to }) => {
        seen.push([from, /^From: (.*)\r$/m.exec(mail.toString('latin1'))?.[1], to]);
        return DELIVERED;
      },
      close: async () => undefined,
    };
    const options = { from: 'tlsrpt@sender.example', now: () => 0, copies: { to: COPY, noteCopy: () => undefined } };
    const naming = mailTransport(carrier, { ...options, bounces: 'b+*@sender.example' });
    await naming.deliver(REPORT, ADDRESS, 'token');
    await naming.deliver(REPORT, ADDRESS);
    await mailTransport(carrier, options).deliver(REPORT, ADDRESS, 'token');
    const plain = (to: string): (typeof seen)[number] => ['tlsrpt@sender.example', 'tlsrpt@sender.example', to];
    expect(seen).toEqual([
      ['b+token@sender.example', 'tlsrpt@sender.example', ADDRESS.mailbox],
      plain(COPY),
      plain(ADDRESS.mailbox),
      plain(COPY),
      plain(ADDRESS.mailbox),
      plain(COPY),
    ]);
  });
});

describe('a copy of a mail', () => {
  it('is the same mail with another recipient', async () => {
    const sink = await startSmtpSink();
    const outcomes: string[] = [];
    const transport = smtpTransport({
      url: `smtp://127.0.0.1:${String(sink.port)}`,
      from: 'tlsrpt@sender.example',
      timeoutMs: 10_000,
      maxConnections: 1,
      now: () => 0,
      copies: { to: COPY, noteCopy: (_reportId, { kind }) => outcomes.push(kind) },
    });
    expect((await transport.deliver(REPORT, ADDRESS)).kind).toBe('delivered');
    await transport.close();
    await sink.close();
    expect(sink.mails.map(({ to }) => to)).toEqual([['tls@good.example'], [COPY]]);
    expect(sink.mails[1]?.raw).toBe(sink.mails[0]?.raw);
    expect(outcomes).toEqual(['delivered']);
  });

  it('that is refused changes nothing about the mail itself', async () => {
    const sink = await startSmtpSink({ onRcptTo: (to) => (to === COPY ? smtpError(550, 'no archive') : undefined) });
    const notes: DeliveryOutcome[] = [];
    const transport = smtpTransport({
      url: `smtp://127.0.0.1:${String(sink.port)}`,
      from: 'tlsrpt@sender.example',
      timeoutMs: 10_000,
      maxConnections: 1,
      now: () => 0,
      copies: { to: COPY, noteCopy: (_reportId, outcome) => notes.push(outcome) },
    });
    expect((await transport.deliver(REPORT, ADDRESS)).kind).toBe('delivered');
    await transport.close();
    await sink.close();
    expect(notes).toMatchObject([{ kind: 'refused', reply: expect.stringContaining('no archive') as string }]);
  });

  it.each(['deferred', 'refused'] as const)('is not made of a mail that was %s', async (kind) => {
    const recipients: string[] = [];
    const { transport, notes } = copying({
      transmit: async (_mail, { to }) => {
        recipients.push(to);
        return { kind, reply: 'no' };
      },
      close: async () => undefined,
    });
    await transport.deliver(REPORT, ADDRESS);
    await transport.close();
    expect([recipients, notes]).toEqual([['tls@good.example'], []]);
  });

  it('does not hold up the outcome, and is waited for at the end', async () => {
    const order: string[] = [];
    let letCopyGo = (): void => undefined;
    const { transport, notes } = copying({
      transmit: async (_mail, { to }) => {
        if (to === COPY) await new Promise<void>((resolve) => (letCopyGo = resolve));
        order.push(to);
        return DELIVERED;
      },
      close: async () => void order.push('closed'),
    });
    expect(await transport.deliver(REPORT, ADDRESS)).toEqual(DELIVERED);
    const closed = transport.close();
    letCopyGo();
    await closed;
    expect(order).toEqual(['tls@good.example', COPY, 'closed']);
    expect(notes).toEqual([['id-1@sender.example', 'delivered']]);
  });
});

describe('a relay that takes no mails', () => {
  const DOWN: DeliveryOutcome = { kind: 'deferred', reply: 'nobody there', isOurs: true };

  async function troubleAfter(outcomes: readonly DeliveryOutcome[]): Promise<string[]> {
    const noted: string[] = [];
    const waiting = [...outcomes];
    const carrier: MailCarrier = {
      transmit: () => Promise.resolve(waiting.shift() ?? DELIVERED),
      close: () => Promise.resolve(),
    };
    const noteTrouble = (why: string): void => void noted.push(why);
    const transport = mailTransport(carrier, { from: 'tlsrpt@sender.example', now: () => 0, noteTrouble });
    for (const outcome of outcomes) expect(await transport.deliver(REPORT, ADDRESS)).toEqual(outcome);
    return noted;
  }

  it('is told of once, however many mails it does not take', async () => {
    expect(await troubleAfter([DOWN, DELIVERED, DOWN])).toEqual(['nobody there']);
  });

  it('is not what one receiver is that defers', async () => {
    expect(await troubleAfter([{ kind: 'deferred', reply: '450 later' }])).toEqual([]);
  });
});

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  autoReply,
  eximBounce,
  exchangeBounce,
  googleBounce,
  qmailBounce,
  RECORDED_DELAY,
  RECORDED_FAILURE,
} from '#test/support/bounces.ts';
import type { ReturnedMail } from '#test/support/bounces.ts';
import { linesOf, makeDatagram } from '#test/support/datagrams.ts';
import { runTlsrpt } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { startSmtpSink } from '#test/support/smtp-sink.ts';
import type { SmtpSink } from '#test/support/smtp-sink.ts';

const DAY = '2026-11-19';
/** As README.md of the recorded bounces says. */
const RECORDED = ['receiver.example', 'slow.example'];
const MADE_UP = ['away.example', 'exchange.example', 'exim.example', 'google.example', 'qmail.example'];
const BOUNCES = ['--bounces', 'tlsrpt-bounces+*@sender.example'];

let sink: SmtpSink;
let state: string;

beforeEach(async () => {
  sink = await startSmtpSink();
});

afterEach(async () => {
  await sink.close();
});

/** A report on each domain, delivered to our own mail server. */
async function deliver(domains: readonly string[]): Promise<void> {
  state = join(scratchDirectory(), 'state');
  mkdirSync(state, { mode: 0o700 });
  writeFileSync(join(state, 'identity'), '00000000-0000-4000-8000-000000000001\n');
  writeFileSync(join(state, 'bounce-key'), `${'1'.padStart(64, '0')}\n`);
  const datagrams = domains.map((domain) => makeDatagram({ domain, record: `v=TLSRPTv1;rua=mailto:tls@${domain}` }));
  await tlsrpt(['collect', '--stdin', '--day', DAY], linesOf(datagrams));
  expect((await tlsrpt(['report', '--day', DAY, '--deliver', ...wayOut(), ...BOUNCES])).exitCode).toBe(0);
  expect(new Set(sink.mails.map(({ to }) => to[0])).size).toBe(domains.length);
}

function wayOut(): string[] {
  return ['--smtp', `smtp://127.0.0.1:${String(sink.port)}`, '--contact', 'tlsrpt@sender.example'];
}

function tlsrpt(words: readonly string[], stdin?: string): ReturnType<typeof runTlsrpt> {
  return runTlsrpt([...words, '--state-dir', state], stdin === undefined ? {} : { stdin });
}

function sentTo(domain: string): ReturnedMail {
  const mail = sink.mails.find(({ to }) => to[0] === `tls@${domain}`);
  if (!mail) throw new Error(`no mail went to ${domain}`);
  return { from: mail.from, to: `tls@${domain}`, raw: mail.raw };
}

/** What is printed when these are read from a Maildir. */
async function store(...mails: readonly string[]): Promise<string> {
  const maildir = join(scratchDirectory(), 'Maildir');
  for (const folder of ['cur', 'new', 'tmp']) mkdirSync(join(maildir, folder), { recursive: true });
  for (const [index, mail] of mails.entries()) writeFileSync(join(maildir, 'new', String(index)), mail, 'latin1');
  const { exitCode, stdout, stderr } = await tlsrpt(['read', '--store', maildir, '--log-level', 'error']);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return stdout;
}

/** Those that are not as they were delivered. */
async function bounced(): Promise<Record<string, string>> {
  const { stdout } = await tlsrpt(['status', '--json', '--all']);
  const { days } = JSON.parse(stdout) as {
    readonly days: readonly { readonly deliveries: readonly { readonly [key: string]: string }[] }[];
  };
  const deliveries = days.flatMap((day) => day.deliveries);
  const returned = deliveries.filter((delivery) => delivery['state'] === 'bounced');
  return Object.fromEntries(returned.map((delivery) => [delivery['policyDomain'] ?? '', delivery['lastResult'] ?? '']));
}

const WORDS = {
  'exchange.example': expect.stringContaining('RESOLVER.ADR.RecipientNotFound') as string,
  'google.example': expect.stringContaining('does not exist') as string,
  'qmail.example': 'Sorry, no mailbox here by that name. (#5.1.1)',
  'exim.example': expect.stringContaining('550 5.1.1 Unknown user') as string,
};

describe('Bounces of delivered reports', () => {
  it('of a real Postfix close the ledger, each once, also when the report is sent once more', async () => {
    await deliver(RECORDED);
    expect(RECORDED_FAILURE).toContain(`To: ${sentTo('receiver.example').from}`);
    expect(await store(RECORDED_DELAY, RECORDED_FAILURE)).toContain('1 bounce noted.\n');
    expect(await bounced()).toEqual({ 'receiver.example': '550 5.1.1 No such mailbox here' });
    const { stdout } = await tlsrpt(['status']);
    expect(stdout).toMatch(/delivered +waiting +failed +suppressed\n2026-11-19 +2 +2 +2 +1 +0 +1 +0\n/);
    expect(stdout).toContain(
      '2026-11-19 bounced: 1 report to mailto:tls@receiver.example\n           550 5.1.1 No such',
    );
    expect((await tlsrpt(['requeue', '--domain', 'receiver.example'])).exitCode).toBe(0);
    expect((await tlsrpt(['send', ...wayOut(), ...BOUNCES])).exitCode).toBe(0);
    expect(sink.mails.map(({ from }) => from)).toHaveLength(RECORDED.length + 1);
    expect(sink.mails.at(-1)?.from).toBe(sentTo('receiver.example').from);
    expect(await store(RECORDED_FAILURE)).toContain('0 bounces noted, 1 that change nothing any more.\n');
    expect(await bounced()).toEqual({});
  });

  it('of Exchange, Google, qmail and Exim close it, by address or Message-ID, and forged ones, replies and receipts change nothing', async () => {
    await deliver(MADE_UP);
    expect(new Set(sink.mails.map(({ from }) => from)).size).toBe(MADE_UP.length);
    const before = readdirSync(join(state, 'outbox'));
    const forged = forgedBounces();
    const away = [autoReply(sentTo('away.example')), receiptOf(sentTo('away.example'))];
    expect(await store(...forged, ...away)).toContain(
      `0 bounces noted, ${String(forged.length)} of no delivery that is known.\n`,
    );
    expect(await bounced()).toEqual({});
    expect(readdirSync(join(state, 'outbox'))).toEqual(before);
    const byAddress = [exchangeBounce(sentTo('exchange.example')), qmailBounce(sentTo('qmail.example'))].map(
      withoutIds,
    );
    const byMessageId = [googleBounce(plain('google.example')), eximBounce(plain('exim.example'))];
    expect(await store(...byAddress, ...byMessageId)).toContain('4 bounces noted.\n');
    expect(await bounced()).toEqual(WORDS);
  });
});

function withoutIds(mail: string): string {
  return mail.replace(/<?2026-11-19\.[^\r\n]*/g, '<x@y.example>');
}

/** As where all mails have one sender. */
function plain(domain: string): ReturnedMail {
  return { ...sentTo(domain), from: 'tlsrpt@sender.example' };
}

function receiptOf(mail: ReturnedMail): string {
  return exchangeBounce(mail).replace('Action: failed', 'Action: relayed');
}

function forgedBounces(): string[] {
  const mine = sentTo('exchange.example');
  const token = /\+(\w{26})@/.exec(mine.from)?.[1] ?? '';
  const changed = `${token.slice(0, 5)}${token[5] === 'a' ? 'b' : 'a'}${token.slice(6)}`;
  const unknown = { ...mine, from: mine.from.replace(token, changed) };
  const withMessageId = (find: RegExp, put: string): string =>
    googleBounce({ ...plain('exchange.example'), raw: mine.raw.replace(find, put) });
  return [
    withoutIds(exchangeBounce(unknown)),
    withoutIds(qmailBounce(unknown)),
    withMessageId(/\.[0-9a-f]{12}@/, '.0123456789ab@'),
    withMessageId(/[0-9a-f]{32}(?=\.)/, '0'.repeat(32)),
    // A copy went elsewhere, and did not arrive there.
    exchangeBounce({ ...plain('exchange.example'), to: 'archive@sender.example' }),
  ];
}

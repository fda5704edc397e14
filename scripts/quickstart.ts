/**
 * Shows the whole line at work on this machine, with real parts: a collector on a unix socket, datagrams recorded from Postfix 3.10.13,
 * an SMTP server and an HTTPS server that take the reports.
 *
 * Prints what the receivers got. Ends with 0 only if every report arrived, and with the right counts. Its arguments, if there are any, are the command
 * to run in place of the executable that was built.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { ReportDocument } from '#tlsrpt/report-json.ts';
import { startHttpsSink } from '#test/support/https-sink.ts';
import type { SunkRequest } from '#test/support/https-sink.ts';
import { readReportMail } from '#test/support/read-report-mail.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';
import { startSmtpSink } from '#test/support/smtp-sink.ts';
import type { SunkMail } from '#test/support/smtp-sink.ts';
import { makeTestCa } from '#test/support/test-certificates.ts';

interface Receipt {
  readonly destination: string;
  readonly policyDomain: string;
  readonly successful: number;
  readonly failed: number;
}

const TLSRPT = 'dist/tlsrpt';
const [program = process.execPath, ...firstWords] =
  process.argv.length > 2 ? process.argv.slice(2) : [process.execPath, TLSRPT];
const DATAGRAMS = 'test/fixtures/datagrams/postfix-3.10.13';
const TIMES = 3;
const HTTPS_HOSTS = ['rua.good.example', 'rua.sts.example'] as const;

/** What the five recorded sessions, each seen three times, must lead to. */
const expected: readonly Receipt[] = [
  { destination: 'mailto:tls@fetch.example', policyDomain: 'fetch.example', successful: 0, failed: 3 },
  { destination: 'https://rua.good.example/r', policyDomain: 'good.example', successful: 3, failed: 0 },
  { destination: 'mailto:tls@good.example', policyDomain: 'good.example', successful: 3, failed: 0 },
  { destination: 'mailto:tls@ok.example', policyDomain: 'ok.example', successful: 3, failed: 0 },
  { destination: 'mailto:tls@plain.example', policyDomain: 'plain.example', successful: 0, failed: 3 },
  { destination: 'https://rua.sts.example/v1/tlsrpt', policyDomain: 'sts.example', successful: 0, failed: 3 },
];

const folder = mkdtempSync(join(tmpdir(), 'tlsrpt-quickstart-'));
try {
  await quickstart(folder);
} finally {
  rmSync(folder, { recursive: true });
}

async function quickstart(directory: string): Promise<void> {
  const state = join(directory, 'state');
  await collect(join(directory, 'tlsrpt.sock'), state);
  const receivers = await startReceivers(directory);
  for (const day of await collectedDays(state)) await reportAndDeliver(day, state, receivers.flags);
  const receipts = [...(await showMails(receivers.smtp.mails)), ...showPosts(receivers.https.requests)];
  await Promise.all([receivers.smtp.close(), receivers.https.close()]);
  compare(receipts);
}

async function collect(socket: string, state: string): Promise<void> {
  const words = ['collect', '--socket', socket, '--state-dir', state];
  say(`$ ${[TLSRPT, ...words].join(' ')} &`);
  const collector = spawn(program, [...firstWords, ...words], { stdio: ['ignore', 'inherit', 'pipe'] });
  const ended = once(collector, 'exit') as Promise<[code: number | null]>;
  const lines = createInterface(collector.stderr);
  const ready = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      say(line);
      if (line.includes('collector-ready')) resolve();
    });
  });
  await Promise.race([ready, ended.then(() => Promise.reject(new Error('the collector did not start')))]);
  sendDatagrams(socket, recordedDatagrams());
  say(`(${String(TIMES)} times the ${String(recordedDatagrams().length / TIMES)} datagrams in ${DATAGRAMS} sent)`);
  collector.kill('SIGTERM');
  const [code] = await ended;
  if (code !== 0) throw new Error(`the collector ended with ${String(code)}`);
}

function recordedDatagrams(): Buffer[] {
  const recorded = readdirSync(DATAGRAMS)
    .sort()
    .map((name) => readFileSync(join(DATAGRAMS, name)));
  return Array.from({ length: TIMES }, () => recorded).flat();
}

interface Receivers {
  readonly smtp: Awaited<ReturnType<typeof startSmtpSink>>;
  readonly https: Awaited<ReturnType<typeof startHttpsSink>>;
  /** What makes `tlsrpt report --deliver` find them. */
  readonly flags: readonly string[];
}

async function startReceivers(directory: string): Promise<Receivers> {
  const authority = await makeTestCa();
  const { certPem, keyPem } = await authority.issue({ names: HTTPS_HOSTS });
  const [smtp, https] = await Promise.all([startSmtpSink(), startHttpsSink({ cert: certPem, key: keyPem })]);
  const caFile = join(directory, 'ca.pem');
  writeFileSync(caFile, authority.caPem);
  const routes = HTTPS_HOSTS.flatMap((host) => ['--https-connect-to', `${host}:443:127.0.0.1:${String(https.port)}`]);
  return { smtp, https, flags: ['--smtp', `smtp://127.0.0.1:${String(smtp.port)}`, '--https-ca', caFile, ...routes] };
}

/** One day, or two when midnight (UTC) passed meanwhile. */
async function collectedDays(state: string): Promise<string[]> {
  const { days } = JSON.parse(await tlsrpt(['status', '--json', '--state-dir', state])) as { days: { day: string }[] };
  return days.map(({ day }) => day);
}

async function reportAndDeliver(day: string, state: string, receivers: readonly string[]): Promise<void> {
  const submitter = ['--organization', 'Example Mail', '--contact', 'tls-reports@mail.example'];
  const words = ['report', '--day', day, '--partial', '--deliver', '--state-dir', state, ...submitter, ...receivers];
  say(`$ ${TLSRPT} ${words.join(' ')}`);
  await tlsrpt(words);
  say(`$ ${TLSRPT} status --state-dir ${state}`);
  say(await tlsrpt(['status', '--state-dir', state]));
}

async function tlsrpt(words: readonly string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(program, [...firstWords, ...words]);
  if (stderr !== '') say(stderr.trimEnd());
  return stdout;
}

async function showMails(mails: readonly SunkMail[]): Promise<Receipt[]> {
  const receipts: Receipt[] = [];
  for (const { raw, to } of [...mails].sort((a, b) => a.to.join().localeCompare(b.to.join()))) {
    const { headers, text, fileName, document } = await readReportMail(raw);
    say(`--- a mail to ${to.join(', ')}`);
    for (const name of [
      'from',
      'to',
      'subject',
      'message-id',
      'tls-report-domain',
      'tls-report-submitter',
      'tls-required',
      'content-type',
    ]) {
      say(`${name}: ${headers.get(name) ?? ''}`);
    }
    say(`\n${text}\n${fileName}:\n${JSON.stringify(document, null, 2)}\n`);
    receipts.push(receiptOf(`mailto:${to.join()}`, headers.get('tls-report-domain') ?? '', document as ReportDocument));
  }
  return receipts;
}

function showPosts(requests: readonly SunkRequest[]): Receipt[] {
  return [...requests]
    .sort((a, b) => (a.serverName ?? '').localeCompare(b.serverName ?? ''))
    .map(({ method, url, headers, body, serverName = '' }) => {
      const document = JSON.parse(gunzipSync(body).toString('utf8')) as ReportDocument;
      say(`--- ${method} https://${serverName}${url} (${headers['content-type'] ?? ''}, ${String(body.length)} bytes)`);
      say(`${JSON.stringify(document, null, 2)}\n`);
      return receiptOf(`https://${serverName}${url}`, document.policies[0]?.policy['policy-domain'] ?? '', document);
    });
}

function receiptOf(destination: string, policyDomain: string, document: ReportDocument): Receipt {
  const summaries = document.policies.map(({ summary }) => summary);
  return {
    destination,
    policyDomain,
    successful: sum(summaries.map((summary) => summary['total-successful-session-count'])),
    failed: sum(summaries.map((summary) => summary['total-failure-session-count'])),
  };
}

function compare(receipts: readonly Receipt[]): void {
  const lines = (list: readonly Receipt[]): string[] => list.map((receipt) => JSON.stringify(receipt)).sort();
  const [wanted, found] = [lines(expected), lines(receipts)];
  const isRight = JSON.stringify(wanted) === JSON.stringify(found);
  say(
    isRight
      ? `All ${String(found.length)} reports arrived, with the right counts.`
      : `Expected\n  ${wanted.join('\n  ')}\nfound\n  ${found.join('\n  ')}`,
  );
  process.exitCode = isRight ? 0 : 1;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

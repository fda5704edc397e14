/**
 * Reports that are posted to the built executable: what was answered is stored, once, however it ends; and strangers keep nobody out.
 */
import { once } from 'node:events';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Store } from '#store/store.ts';
import type { Problem } from '#support/problem.ts';
import { systemClock } from '#support/clock.ts';
import { daysBefore, utcDayOf } from '#tlsrpt/utc-day.ts';
import { CollectedDays } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { soundDocument } from '#test/support/inbound-documents.ts';
import { preload } from '#test/support/preload.ts';
import { runTlsrpt, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { RunOptions, StartedRun } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { SeededRandom } from '#test/support/seeded-random.ts';
import { makeTestCa } from '#test/support/test-certificates.ts';

const LONG_MS = 300_000;
const YESTERDAY = daysBefore(utcDayOf(systemClock.nowMs()), 1);

interface Receiver extends StartedRun {
  /** Where reports are posted. */
  readonly reports: string;
  /** Of the page. */
  readonly page: string;
}

async function startReceiver(
  state: string,
  words: readonly string[] = ['--reports-rate', '0'],
  options?: RunOptions,
): Promise<Receiver> {
  const addresses = ['--listen', '127.0.0.1:0', '--reports-listen', '127.0.0.1:0'];
  const run = startTlsrpt(['serve', '--state-dir', state, ...addresses, ...words], options);
  onTestFinished(() => {
    run.kill('SIGKILL');
  });
  await run.said('server-ready');
  const [, reports = ''] = /posted to (\S+)\./.exec(run.stderr()) ?? [];
  const [, page = ''] = /Answering on (\S+)\./.exec(run.stderr()) ?? [];
  return { ...run, reports, page };
}

function documentOf(reportId: string): string {
  const period = { 'start-datetime': `${YESTERDAY}T00:00:00Z`, 'end-datetime': `${YESTERDAY}T23:59:59Z` };
  return JSON.stringify({ ...soundDocument(), 'date-range': period, 'report-id': reportId });
}

async function post(url: string, body: string | Buffer, type = 'application/tlsrpt+gzip'): Promise<number> {
  const response = await fetch(url, { method: 'POST', body, headers: { 'Content-Type': type } });
  await response.text();
  return response.status;
}

function postReport(url: string, reportId: string): Promise<number> {
  return post(url, gzipSync(documentOf(reportId)));
}

function throwProblem(problem: Problem): never {
  throw problem;
}

async function idsIn(state: string): Promise<string[]> {
  const { inbound } = await Store.open(state);
  const entries = [...inbound.entries(YESTERDAY, throwProblem)];
  return entries.map(({ report }) => report.reportId ?? '').sort();
}

/** Several that post each report again until it is taken, as senders do. */
class Senders {
  readonly #ids: readonly string[];
  readonly acknowledged = new Set<string>();
  #next = 0;
  url = '';

  constructor(count: number) {
    this.#ids = Array.from({ length: count }, (_, number) => `r${String(number).padStart(6, '0')}`);
  }

  get ids(): readonly string[] {
    return this.#ids;
  }

  async postAll(senders: number): Promise<void> {
    await Promise.all(Array.from({ length: senders }, () => this.#postEach()));
  }

  async #postEach(): Promise<void> {
    for (let id = this.#ids[this.#next]; id !== undefined; id = this.#ids[this.#next]) {
      this.#next += 1;
      while (!(await this.#isTaken(id))) await sleep(20);
      this.acknowledged.add(id);
    }
  }

  async #isTaken(id: string): Promise<boolean> {
    try {
      return [200, 201].includes(await postReport(this.url, id));
    } catch {
      return false; // it was killed
    }
  }
}

describe('Reports that are posted', () => {
  it('are those that send delivers, and are shown by inbound and by the page', async () => {
    const [directory, ca] = [scratchDirectory(), await makeTestCa()];
    const { certPem, keyPem } = await ca.issue({ names: ['reports.example'] });
    const [certificate, key, authority] = ['a.pem', 'a.key', 'ca.pem'].map((name) => join(directory, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(certificate, certPem);
    writeFileSync(key, keyPem, { mode: 0o600 });
    writeFileSync(authority, ca.caPem);
    const state = join(directory, 'state');
    const tls = ['--reports-certificate', certificate, '--reports-key', key];
    const { reports, page } = await startReceiver(state, tls);
    const { port } = new URL(reports);
    const days = await CollectedDays.make();
    const record = 'v=TLSRPTv1;rua=https://reports.example/v1/reports';
    const datagram = makeDatagram({ domain: 'a.example', failures: [{ code: 204 }], record });
    days.collect([datagram], { day: YESTERDAY });
    const sent = await runTlsrpt([
      ...['report', '--day', YESTERDAY, '--deliver', '--state-dir', days.store.path],
      ...['--contact', 'tlsrpt@sender.example', '--organization', 'Sender Inc.', '--spread', '0'],
      ...['--https-ca', authority, '--https-connect-to', `reports.example:443:127.0.0.1:${port}`],
    ]);
    expect(sent).toMatchObject({ exitCode: 0 });
    const listed = await runTlsrpt(['inbound', '--state-dir', state, '--json']);
    expect(listed.stdout).toContain('certificate-expired');
    expect(listed.stdout).toContain('Sender Inc.');
    const [entry] = [...(await Store.open(state)).inbound.entries(YESTERDAY, throwProblem)];
    expect(entry).toMatchObject({ source: 'POST 127.0.0.1', verification: { method: 'none', result: 'none' } });
    for (;;) {
      const text = await (await fetch(`${page}/heard`)).text();
      if (text.includes('Sender Inc.')) break;
      await sleep(100);
    }
  });

  it(
    'are all there, once, that were answered when it was killed in the middle',
    async () => {
      const random = new SeededRandom(8460);
      const state = join(scratchDirectory(), 'state');
      const senders = new Senders(4_000);
      let receiver = await startReceiver(state);
      senders.url = receiver.reports;
      const posting = senders.postAll(16);
      for (let kills = 0; kills < 5 && senders.acknowledged.size < senders.ids.length; kills += 1) {
        await sleep(200 + random.below(1_500));
        receiver.kill(kills === 2 ? 'SIGTERM' : 'SIGKILL');
        await receiver.ended;
        const acknowledged = [...senders.acknowledged];
        const stored = new Set(await idsIn(state));
        expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
        receiver = await startReceiver(state);
        senders.url = receiver.reports;
      }
      await posting;
      expect(await idsIn(state)).toEqual(senders.ids);
      expect(await postReport(receiver.reports, senders.ids[0] ?? '')).toBe(200);
    },
    LONG_MS,
  );

  it(
    'do not keep read from storing at the same time, nor it them, and what comes both ways is stored once',
    async () => {
      const directory = scratchDirectory();
      const [state, files] = [join(directory, 'state'), join(directory, 'files')];
      mkdirSync(files);
      const senders = new Senders(1_000);
      for (const id of [...senders.ids.slice(0, 200), 'x', 'y'])
        writeFileSync(join(files, `${id}.json`), documentOf(id));
      const receiver = await startReceiver(state);
      senders.url = receiver.reports;
      const [read] = await Promise.all([
        runTlsrpt(['read', '--store', '--state-dir', state, files]),
        senders.postAll(8),
      ]);
      expect(read.exitCode).toBe(0);
      expect(await idsIn(state)).toEqual([...senders.ids, 'x', 'y']);
    },
    LONG_MS,
  );

  it('are to be posted again while the disk is full, and are taken when it is not any more', async () => {
    const directory = scratchDirectory();
    const [state, flag] = [join(directory, 'state'), join(directory, 'full')];
    const environment = { ...preload('full-disk.cjs'), FULL_DIRECTORY: state, FULL_FLAG: flag };
    const receiver = await startReceiver(state, [], { environment });
    expect(await postReport(receiver.reports, 'a')).toBe(201);
    writeFileSync(flag, '');
    expect([await postReport(receiver.reports, 'b'), await postReport(receiver.reports, 'c')]).toEqual([503, 503]);
    await receiver.said('error posted-report-not-stored: ');
    expect((await fetch(`${receiver.page}/metrics`)).status).toBe(200);
    rmSync(flag);
    expect([await postReport(receiver.reports, 'b'), await postReport(receiver.reports, 'b')]).toEqual([201, 200]);
    expect(await idsIn(state)).toEqual(['a', 'b']);
  });

  it('are refused by address, bounded, and counted', async () => {
    const state = join(scratchDirectory(), 'state');
    const receiver = await startReceiver(state, ['--reports-rate', '6']);
    const bomb = gzipSync(Buffer.alloc(100_000_000, ' '));
    const statuses = [
      await postReport(receiver.reports, 'a'),
      await postReport(receiver.reports, 'a'),
      await post(receiver.reports, bomb),
      await post(receiver.reports, '{"a":'),
      await post(receiver.reports, documentOf('b'), 'text/plain'),
      await post(receiver.reports, documentOf('b'), 'application/tlsrpt+json'),
      await postReport(receiver.reports, 'c'),
    ];
    expect(statuses).toEqual([201, 200, 413, 400, 415, 201, 429]);
    const metrics = await (await fetch(`${receiver.page}/metrics`)).text();
    for (const [status, count] of [
      [200, 1],
      [201, 2],
      [400, 1],
      [413, 1],
      [415, 1],
      [429, 1],
      [503, 0],
    ] as const)
      expect(metrics).toContain(`tlsrpt_posted_reports_total{status="${String(status)}"} ${String(count)}`);
    expect(await idsIn(state)).toEqual(['a', 'b']);
  });
});

describe('The address for reports', () => {
  it('needs no token, and has nothing else, while the page has one and takes no reports', async () => {
    const directory = scratchDirectory();
    const token = join(directory, 'token');
    writeFileSync(token, 'f2bd1a6e9c3b4d5e8f70');
    chmodSync(token, 0o600);
    const receiver = await startReceiver(join(directory, 'state'), ['--serve-token-file', token]);
    expect(await postReport(receiver.reports, 'a')).toBe(201);
    const { origin } = new URL(receiver.reports);
    for (const path of ['/', '/metrics', '/healthz', '/readyz', '/heard', '/seen.csv', '/style.css'])
      expect((await fetch(origin + path)).status).toBe(404);
    expect((await fetch(receiver.reports)).status).toBe(405);
    expect(await postReport(`${receiver.page}/v1/reports`, 'b')).toBe(401);
  });

  it('takes reports beside thousands of connections that say nothing, or never end, and the page answers', async () => {
    const receiver = await startReceiver(join(scratchDirectory(), 'state'));
    const port = Number(new URL(receiver.reports).port);
    const beginnings = [
      '',
      'POST /v1/rep',
      'POST /v1/reports HTTP/1.1\r\nHost: x\r\nContent-Type: application/tlsrpt+gzip\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n',
    ];
    for (let round = 0; round < 10; round += 1) {
      const sockets = Array.from({ length: 500 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
      for (const [index, socket] of sockets.entries()) socket.write(beginnings[index % beginnings.length] ?? '');
      await Promise.all(
        sockets.map(async (socket) => socket.connecting && once(socket, 'connect').catch(() => undefined)),
      );
      expect(await postReport(receiver.reports, `r${String(round)}`)).toBe(201);
      expect((await fetch(`${receiver.page}/style.css`)).status).toBe(200);
      for (const socket of sockets) socket.destroy();
    }
  });

  it('shows the certificate that it was given last', async () => {
    const directory = scratchDirectory();
    const [certificate, key] = [join(directory, 'a.pem'), join(directory, 'a.key')];
    const renew = async (name: string): Promise<void> => {
      const { certPem, keyPem } = await (await makeTestCa()).issue({ names: [name] });
      writeFileSync(key, keyPem, { mode: 0o600 });
      writeFileSync(certificate, certPem);
    };
    await renew('old.example');
    const tls = ['--reports-certificate', certificate, '--reports-key', key];
    const receiver = await startReceiver(join(directory, 'state'), tls);
    expect(await nameShownAt(receiver.reports)).toContain('old.example');
    await renew('new.example');
    await receiver.said('server-secrets-renewed');
    expect(await nameShownAt(receiver.reports)).toContain('new.example');
  });

  it('is refused without TLS where other machines reach it, also by run, of which it is a part', async () => {
    const directory = scratchDirectory();
    const state = ['--state-dir', join(directory, 'state')];
    const open = ['--reports-listen', '0.0.0.0:0'];
    const words = [...state, '--contact', 'a@sender.example', '--socket', join(directory, 'tlsrpt.sock')];
    for (const command of [
      ['serve', ...state],
      ['run', '--check', ...words],
    ]) {
      const refused = await runTlsrpt([...command, ...open]);
      expect([refused.exitCode, refused.stderr.includes('serve.reports_certificate')]).toEqual([78, true]);
    }
    const run = startTlsrpt(['run', ...words, ...open, '--reports-insecure', '--listen', '127.0.0.1:0']);
    onTestFinished(() => {
      run.kill('SIGKILL');
    });
    await run.said('reports-ready');
    const [, port = ''] = /0\.0\.0\.0:(\d+)\/v1/.exec(run.stderr()) ?? [];
    expect(await postReport(`http://127.0.0.1:${port}/v1/reports`, 'a')).toBe(201);
    run.kill('SIGTERM');
    expect((await run.ended).exitCode).toBe(0);
  });
});

async function nameShownAt(url: string): Promise<string> {
  const { hostname: host, port } = new URL(url);
  const socket = connectTls({ host, port: Number(port), rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { subjectaltname = '' } = socket.getPeerCertificate();
  socket.destroy();
  return subjectaltname;
}

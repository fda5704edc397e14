/**
 * Posting over HTTP to the built executable, as Halon's script does, and what strangers can do to it.
 */
import { once } from 'node:events';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request as tlsRequest } from 'node:https';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { systemClock } from '#support/clock.ts';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  bulkOf,
  halonDocument,
  JSON_TYPE,
  LINES_TYPE,
  post,
  startPostingCollector,
} from '#test/support/http-posting.ts';
import type { ReportDocument } from '#tlsrpt/report-json.ts';
import { startDnsServer } from '#test/support/dns-server.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { runTlsrpt, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { StartedRun } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';
import { makeTestCa } from '#test/support/test-certificates.ts';

const LONG_MS = 120_000;
const CONNECTIONS = 10_000;

let directory: string;
let state: string;

beforeEach(() => {
  directory = scratchDirectory();
  state = join(directory, 'state');
});

async function endedInOrder(collector: StartedRun): Promise<void> {
  collector.kill('SIGTERM');
  const { exitCode, stderr } = await collector.ended;
  expect([exitCode, stderr.includes('collector-stopped')]).toEqual([0, true]);
}

interface Shown {
  readonly days: readonly {
    readonly day: string;
    readonly closed: boolean;
    readonly collected: { readonly datagrams: number; readonly rejected: number };
  }[];
}

async function collected(): Promise<Record<string, number>> {
  const { stdout } = await runTlsrpt(['status', '--json', '--state-dir', state]);
  const { days } = JSON.parse(stdout) as Shown;
  return Object.fromEntries(days.map(({ day, collected: { datagrams } }) => [day, datagrams]));
}

const dayOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);

describe("Halon's documents", () => {
  it('are counted on the day of their sessions, yesterday too, and end in a report', async () => {
    const collector = await startPostingCollector(state, ['--sync']);
    const nowMs = systemClock.nowMs();
    const yesterdayMs = Date.parse(dayOf(nowMs)) - 1;
    const url = `${collector.url}/tlsrpt-alias/_doc`;
    const today = halonDocument({ domain: 'a.example', timestampMs: nowMs, transaction: '1' });
    const yesterday = halonDocument({
      domain: 'a.example',
      timestampMs: yesterdayMs,
      transaction: '2',
      failure: 'sts-webpki-invalid',
    });
    for (const document of [today, today, yesterday, { timestamp: nowMs, transactionid: '3' }])
      expect((await post(url, JSON.stringify(document))).status).toBe(201);
    await endedInOrder(collector);
    expect(await collected()).toEqual({ [dayOf(nowMs)]: 1, [dayOf(yesterdayMs)]: 1 });
    expect(collector.stderr()).toContain('1 more were posted again, and counted once');

    const dns = await startDnsServer({ '_smtp._tls.a.example': ['v=TLSRPTv1;rua=mailto:tls@a.example'] });
    onTestFinished(() => dns.close());
    const asked = ['--contact', 'tlsrpt@sender.example', '--dns-server', dns.server, '--state-dir', state];
    const report = await runTlsrpt(['report', '--day', dayOf(yesterdayMs), '--out', directory, ...asked]);
    expect(report).toMatchObject({ exitCode: 0 });
    const [file = ''] = readdirSync(directory).filter((name) => name.endsWith('.json.gz'));
    const document = JSON.parse(gunzipSync(readFileSync(join(directory, file))).toString()) as ReportDocument;
    expect(document.policies).toMatchObject([
      {
        policy: { 'policy-type': 'sts', 'policy-domain': 'a.example', 'mx-host': ['*.a.example'] },
        summary: { 'total-successful-session-count': 0, 'total-failure-session-count': 1 },
        'failure-details': [{ 'result-type': 'sts-webpki-invalid', 'receiving-mx-hostname': 'mx.a.example' }],
      },
    ]);
  });
});

describe('Over TLS with credentials', () => {
  it(
    'whoever knows them may post; certificate and credentials are read again when they change',
    async () => {
      const ca = await makeTestCa();
      const [first, second] = [await ca.issue({ names: ['one.example'] }), await ca.issue({ names: ['two.example'] })];
      const files = {
        cert: join(directory, 'cert.pem'),
        key: join(directory, 'key.pem'),
        users: join(directory, 'users'),
      };
      const write = (path: string, content: string): void => {
        writeFileSync(path, content);
        chmodSync(path, 0o600);
      };
      write(files.cert, first.certPem);
      write(files.key, first.keyPem);
      write(files.users, 'basic halon:secret\n');
      const words = ['--http-certificate', files.cert, '--http-key', files.key, '--http-credentials', files.users];
      const collector = await startPostingCollector(state, words);
      const { port } = new URL(collector.url);
      const document = JSON.stringify(
        halonDocument({ domain: 'a.example', timestampMs: systemClock.nowMs(), transaction: '1' }),
      );
      const postAs = async (servername: string, auth: string): Promise<number> => {
        const headers = { 'Content-Type': JSON_TYPE };
        const request = tlsRequest({
          port,
          servername,
          auth,
          headers,
          ca: ca.caPem,
          method: 'POST',
          path: '/a/_doc',
          agent: false,
        });
        request.end(document);
        const [response] = (await once(request, 'response')) as [{ statusCode: number; resume: () => void }];
        response.resume();
        return response.statusCode;
      };
      expect(collector.url).toMatch(/^https:/);
      expect([await postAs('one.example', 'halon:secret'), await postAs('one.example', 'halon:wrong')]).toEqual([
        201, 401,
      ]);

      write(files.key, second.keyPem);
      await collector.said('http-files-unusable');
      expect(await postAs('one.example', 'halon:secret')).toBe(201);
      write(files.cert, second.certPem);
      write(files.users, 'basic halon:new\n');
      await collector.said('http-files-renewed');
      expect([await postAs('two.example', 'halon:new'), await postAs('two.example', 'halon:secret')]).toEqual([
        201, 401,
      ]);
      await endedInOrder(collector);
      expect(collector.stderr()).not.toMatch(/secret|halon:/);
    },
    LONG_MS,
  );
});

describe('Beside a socket', () => {
  it(
    'what strangers do over HTTP costs the socket nothing',
    async () => {
      const socket = join(directory, 'tlsrpt.sock');
      const collector = startTlsrpt(['collect', '--socket', socket, '--http', '127.0.0.1:0', '--state-dir', state]);
      onTestFinished(() => {
        collector.kill('SIGKILL');
      });
      await collector.said('collector-ready');
      const [, port = ''] = /http:\/\/127\.0\.0\.1:(\d+)/.exec(collector.stderr()) ?? [];
      const url = `http://127.0.0.1:${port}`;
      const connections: Socket[] = [];
      const open = (): Socket => {
        const connection = connect(Number(port), '127.0.0.1').on('error', () => undefined);
        connections.push(connection);
        return connection;
      };
      onTestFinished(() => {
        for (const connection of connections) connection.destroy();
      });
      for (let count = 0; count < CONNECTIONS; count += 1) {
        const connection = open();
        if (count % 3 === 0) connection.write('POST /_bulk HT');
        if (count % 500 === 0) connection.write(`${'x'.repeat(100)}: y\r\n`.repeat(500));
        if (count % 200 === 0) await once(connection, 'connect').catch(() => undefined);
      }
      const endless = open();
      endless.write(
        `POST /_bulk HTTP/1.1\r\nHost: x\r\nContent-Type: ${LINES_TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n`,
      );
      const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(1_048_576, 'x'), Buffer.from('\r\n')]);
      for (let count = 0; count < 40; count += 1) endless.write(chunk);

      const sent = Array.from({ length: 1_000 }, (_, index) =>
        makeDatagram({ domain: `d${String(index % 10)}.example` }),
      );
      sendDatagrams(socket, sent);
      const documents = Array.from({ length: 100 }, (_, index) =>
        halonDocument({ domain: 'h.example', timestampMs: systemClock.nowMs(), transaction: String(index) }),
      );
      const response = await post(`${url}/_bulk`, bulkOf(documents), LINES_TYPE);
      expect(response.status).toBe(200);
      await endedInOrder(collector);
      const counts = Object.values(await collected());
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1_100);
      expect(collector.stderr()).toContain(' 0 could not be read');
    },
    LONG_MS,
  );
});

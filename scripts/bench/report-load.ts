/**
 * A process of its own that posts reports over several connections, each waiting for its answer, and prints what came of it as JSON.
 *
 * Its one argument is a JSON {@link ReportLoadOptions}. The reports are made before the clock starts: of usual size, each with an id of its own.
 */
import { Agent as PlainAgent, request as requestPlain } from 'node:http';
import { Agent, request } from 'node:https';
import { gzipSync } from 'node:zlib';
import { systemClock } from '#support/clock.ts';

export interface ReportLoadOptions {
  readonly url: string;
  readonly reports: number;
  readonly connections: number;
  /** Whether a connection is used again. */
  readonly keepAlive: boolean;
}

export interface ReportLoadResult {
  /** By the status that was answered. */
  readonly statuses: Readonly<Record<number, number>>;
  readonly seconds: number;
  readonly slowestMs: number;
}

const FAILURES = 3;
const DAY_MS = 86_400_000;

const options = JSON.parse(process.argv[2] ?? '') as ReportLoadOptions;
void run(options).then((result) => process.stdout.write(`${JSON.stringify(result)}\n`));

async function run({ url, reports, connections, keepAlive }: ReportLoadOptions): Promise<ReportLoadResult> {
  const bodies = Array.from({ length: reports }, (_, number) => gzipSync(documentOf(number), { level: 1 }));
  const agent = new (url.startsWith('https') ? Agent : PlainAgent)({ keepAlive, maxSockets: connections });
  const statuses: Record<number, number> = {};
  let slowestMs = 0;
  const startedMs = performance.now();
  const postEach = async (): Promise<void> => {
    for (let body = bodies.pop(); body; body = bodies.pop()) {
      const sentMs = performance.now();
      const status = await post(body, url, agent);
      slowestMs = Math.max(slowestMs, performance.now() - sentMs);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, postEach));
  agent.destroy();
  return { statuses, seconds: (performance.now() - startedMs) / 1_000, slowestMs };
}

function documentOf(number: number): string {
  const day = new Date(systemClock.nowMs() - DAY_MS).toISOString().slice(0, 10);
  const failures = Array.from({ length: number % FAILURES }, (_, failure) => ({
    'result-type': 'certificate-expired',
    'sending-mta-ip': `198.51.100.${String(failure)}`,
    'receiving-mx-hostname': 'mx.a.example',
    'receiving-ip': `2001:db8::${number.toString(16)}`,
    'failed-session-count': 1,
  }));
  return JSON.stringify({
    'organization-name': `Reporter ${String(number % 50)}`,
    'date-range': { 'start-datetime': `${day}T00:00:00Z`, 'end-datetime': `${day}T23:59:59Z` },
    'contact-info': 'tls@reporter.example',
    'report-id': `${String(number)}-${String(process.pid)}`,
    policies: [
      {
        policy: {
          'policy-type': 'sts',
          'policy-string': ['version: STSv1', 'mode: enforce', 'mx: mx.a.example', 'max_age: 604800'],
          'policy-domain': 'a.example',
          'mx-host': ['mx.a.example'],
        },
        summary: { 'total-successful-session-count': number, 'total-failure-session-count': failures.length },
        'failure-details': failures,
      },
    ],
  });
}

function post(body: Buffer, url: string, agent: Agent | PlainAgent): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/tlsrpt+gzip', 'Content-Length': body.length };
    const begin = url.startsWith('https') ? request : requestPlain;
    const posting = begin(url, { agent, headers, method: 'POST', rejectUnauthorized: false }, (response) => {
      response.resume().once('end', () => {
        resolve(response.statusCode ?? 0);
      });
    });
    posting.once('error', reject);
    posting.end(body);
  });
}

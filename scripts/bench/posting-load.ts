/**
 * A process of its own that posts Halon's documents in bulks over several connections, each waiting for its answer, and prints what came of it
 * as JSON.
 *
 * Its one argument is a JSON {@link PostingOptions}. The bodies are made before the clock starts.
 */
import { Agent, request } from 'node:http';
import { systemClock } from '#support/clock.ts';

export interface PostingOptions {
  readonly port: number;
  readonly sessions: number;
  readonly bulk: number;
  readonly connections: number;
  readonly domains: number;
}

export interface PostingResult {
  /** Acknowledged. */
  readonly posted: number;
  readonly seconds: number;
}

const FAILURES = 5;

const options = JSON.parse(process.argv[2] ?? '') as PostingOptions;
void run(options).then((result) => process.stdout.write(`${JSON.stringify(result)}\n`));

async function run({ port, sessions, bulk, connections, domains }: PostingOptions): Promise<PostingResult> {
  const bodies = Array.from({ length: sessions / bulk }, (_, index) => bodyOf(index * bulk, bulk, domains));
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const startedMs = performance.now();
  let posted = 0;
  const postEach = async (): Promise<void> => {
    for (let body = bodies.pop(); body; body = bodies.pop()) if (await isTaken(body, port, agent)) posted += bulk;
  };
  await Promise.all(Array.from({ length: connections }, postEach));
  agent.destroy();
  return { posted, seconds: (performance.now() - startedMs) / 1_000 };
}

function bodyOf(first: number, bulk: number, domains: number): Buffer {
  const documents = Array.from({ length: bulk }, (_, index) => documentOf(first + index, domains));
  return Buffer.from(documents.map((document) => `{"index":{}}\n${JSON.stringify(document)}\n`).join(''));
}

/** One in five fails. */
function documentOf(index: number, domains: number): object {
  const domain = `d${String(index % domains).padStart(7, '0')}.benchmark.example`;
  return {
    timestamp: systemClock.nowMs(),
    transactionid: `b6e4-${String(index)}`,
    'policy-domain': domain,
    'policy-type': 'sts',
    'policy-string': ['version: STSv1', 'mode: enforce', `mx: *.${domain}`, 'max_age: 604800', ''],
    'mx-host': [`*.${domain}`],
    'result-type': index % FAILURES === 0 ? 'certificate-expired' : 'success',
    'receiving-mx-hostname': `mx.${domain}`,
    'receiving-ip': '198.51.100.7',
  };
}

function isTaken(body: Buffer, port: number, agent: Agent): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/x-ndjson', 'Content-Length': body.length };
    const posting = request({ port, agent, headers, method: 'POST', path: '/_bulk' }, (response) => {
      response.resume().once('end', () => {
        resolve(response.statusCode === 200);
      });
    });
    posting.once('error', reject);
    posting.end(body);
  });
}

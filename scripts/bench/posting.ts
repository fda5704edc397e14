/**
 * How fast `collect --http` takes Halon's documents in bulks of 100, alone and while a blocking sender fills the unix socket, and what of the
 * socket's own rate is left then.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { LoadOptions, LoadResult } from './load-generator.ts';
import { collectedIn, cpuSeconds, settled } from './measured-collector.ts';
import { inFolder, line, machine, print, runScript, thousands } from './measuring.ts';
import type { PostingOptions, PostingResult } from './posting-load.ts';

interface Scenario {
  readonly name: string;
  readonly sessions: number;
  readonly datagrams: number;
  readonly words?: readonly string[];
}

const BULK = 100;
const CONNECTIONS = 16;
const DOMAINS = 1_000;

const scenarios: readonly Scenario[] = [
  { name: 'bulks of 100', sessions: 200_000, datagrams: 0 },
  { name: 'bulks of 100, --sync', sessions: 200_000, datagrams: 0, words: ['--sync'] },
  { name: 'the socket alone', sessions: 0, datagrams: 2_000_000 },
  { name: 'bulks of 100 beside the socket', sessions: 200_000, datagrams: 2_000_000 },
];

export async function benchPosting(): Promise<void> {
  print(`${machine()}\n`);
  print(line(['scenario', 'sessions/s over HTTP', 'datagrams/s on the socket', 'CPU per session', 'lost']));
  print(line(['---', ...Array.from({ length: 4 }, () => '---:')]));
  for (const scenario of scenarios) print(line(await measure(scenario)));
}

function measure({ name, sessions, datagrams, words = [] }: Scenario): Promise<string[]> {
  return inFolder(async (folder) => {
    const [socket, state] = [join(folder, 'tlsrpt.sock'), join(folder, 'state')];
    const { collector, port } = await startCollector(['--socket', socket, '--state-dir', state, ...words]);
    const before = cpuSeconds(collector.pid);
    const [posting, sending] = await Promise.all([
      post(folder, { port, sessions, bulk: BULK, connections: CONNECTIONS, domains: DOMAINS }),
      send(folder, { socket, datagrams, domains: DOMAINS, failures: 0.2 }),
    ]);
    await settled(collector.pid);
    const cpu = cpuSeconds(collector.pid) - before;
    const ended = once(collector, 'exit');
    collector.kill('SIGTERM');
    await ended;
    const lost = posting.posted + sending.sent - (await collectedIn(state));
    return [
      name,
      sessions === 0 ? '' : thousands(posting.posted / posting.seconds),
      datagrams === 0 ? '' : thousands(sending.sent / sending.seconds),
      `${((cpu / (sessions + datagrams)) * 1e6).toFixed(1)} µs`,
      thousands(lost),
    ];
  });
}

async function startCollector(words: readonly string[]): Promise<{ collector: ChildProcess; port: number }> {
  const collector = spawn('dist/tlsrpt', ['collect', '--http', '127.0.0.1:0', ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  collector.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  while (!said.includes('collector-ready')) await once(collector.stderr, 'data');
  return { collector, port: Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1]) };
}

async function post(folder: string, options: PostingOptions): Promise<PostingResult> {
  return options.sessions === 0 ? { posted: 0, seconds: 0 } : runScript(folder, 'posting-load', options);
}

async function send(folder: string, options: LoadOptions): Promise<Pick<LoadResult, 'sent' | 'seconds'>> {
  return options.datagrams === 0 ? { sent: 0, seconds: 0 } : runScript(folder, 'load-generator', options);
}

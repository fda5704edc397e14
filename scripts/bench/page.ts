/**
 * How long the pages of `serve` take with 400 days of history and a day of 200,000 domains that goes on, how much memory, and what a collector that takes
 * 30,000 datagrams a second beside it loses.
 *
 * The built executable does both. Times are those of whole answers over loopback.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '#support/clock.ts';
import { daysBefore, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { DayGeneratorOptions } from './day-generator.ts';
import type { LoadOptions, LoadResult } from './load-generator.ts';
import { collectedIn, settled, withLongQueue } from './measured-collector.ts';
import { memoryOf } from './measured-run.ts';
import { inFolder, line, machine, print, runScript, thousands } from './measuring.ts';

const HISTORY_DAYS = 399;
const DOMAINS_BEFORE = 2_000;
const DOMAINS = 200_000;
const BURSTS = { size: 50, perSecond: 30_000, spins: false };
const LOAD_SECONDS = 30;
const ROUNDS_ALONE = 5;
const LOOK_MS = 500;
const PAGES: Readonly<Record<string, string>> = {
  Today: '/',
  'What we saw, 30 days': '/seen',
  'What we saw, 400 days': '/seen?days=400',
  'a domain, 30 days': '/domain?name=d0000007.benchmark.example',
  'a domain, 400 days': '/domain?name=d0000007.benchmark.example&days=400',
  'Delivered, 400 days': '/delivered?days=400',
  'What others saw of us, 400 days': '/heard?days=400',
  'a search, 400 days': '/search?q=0000007&days=400',
};

type Times = Map<string, number[]>;

export function benchPage(): Promise<void> {
  return withLongQueue((queue) => inFolder((folder) => measure(folder, queue)));
}

async function measure(folder: string, queue: string): Promise<void> {
  const [state, socket] = [join(folder, 'state'), join(folder, 'tlsrpt.sock')];
  await generateHistory(folder, state);
  const before = await collectedIn(state);
  const collector = await start(['collect', '--socket', socket, '--state-dir', state], 'collector-ready');
  const first = await send(folder, { socket, datagrams: DOMAINS, domains: DOMAINS, failures: 0.2 });
  const server = await start(['serve', '--listen', '127.0.0.1:0', '--state-dir', state], 'server-ready');
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(server.said)?.[0] ?? '';
  const startedMs = performance.now();
  await untilAllRead(url);
  const readSeconds = (performance.now() - startedMs) / 1_000;
  const alone = await lookAlone(url);
  const memoryAlone = memoryOf(server.process.pid);
  const load = { socket, datagrams: BURSTS.perSecond * LOAD_SECONDS, domains: DOMAINS, failures: 0.2, bursts: BURSTS };
  const { beside, second } = await lookBeside(url, send(folder, load));
  const memory = memoryOf(server.process.pid);
  await stop(server.process);
  await settled(collector.process.pid);
  await stop(collector.process);
  const [sent, stored] = [first.sent + second.sent, (await collectedIn(state)) - before];
  print(`${machine()}, max_dgram_qlen ${queue}`);
  print(`${String(HISTORY_DAYS)} days of ${thousands(DOMAINS_BEFORE)} domains, today ${thousands(DOMAINS)}`);
  print(`all days read ${readSeconds.toFixed(1)} s after the start`);
  print(
    `${String(memoryAlone.nowMegabytes)} MB then, ${String(memory.nowMegabytes)} MB at the end, ${String(memory.peakMegabytes)} MB at most`,
  );
  shown(alone, beside);
  print(
    `\n${thousands(sent)} sent, ${thousands(second.refusedByQueue)} refused by the queue, ${thousands(second.refusedBySender)} by the sender, ${thousands(sent - stored)} lost after that`,
  );
}

async function generateHistory(folder: string, stateDir: string): Promise<void> {
  const day = daysBefore(utcDayOf(systemClock.nowMs()), 1);
  const options: DayGeneratorOptions = { stateDir, day, days: HISTORY_DAYS, domains: DOMAINS_BEFORE, hosts: 1 };
  await runScript<unknown>(folder, 'day-generator', options);
}

interface Started {
  readonly process: ChildProcess;
  readonly said: string;
}

async function start(words: readonly string[], ready: string): Promise<Started> {
  const child = spawn('dist/tlsrpt', words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  while (!said.includes(ready)) await once(child.stderr, 'data');
  return { process: child, said };
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

function send(folder: string, options: LoadOptions): Promise<LoadResult> {
  return runScript(folder, 'load-generator', options);
}

async function untilAllRead(url: string): Promise<void> {
  while ((await textOf(`${url}/seen?days=400`)).includes('Still to be read')) await sleep(LOOK_MS);
}

async function textOf(address: string): Promise<string> {
  const response = await fetch(address);
  if (response.status !== 200) throw new Error(`${address}: ${String(response.status)}`);
  return response.text();
}

async function lookAlone(url: string): Promise<Times> {
  const times: Times = new Map();
  for (let round = 0; round < ROUNDS_ALONE; round += 1) await look(url, times);
  return times;
}

async function lookBeside(url: string, sending: Promise<LoadResult>): Promise<{ beside: Times; second: LoadResult }> {
  const beside: Times = new Map();
  const sent: LoadResult[] = [];
  const ended = sending.then((result) => sent.push(result));
  while (sent.length === 0) {
    await look(url, beside);
    await sleep(LOOK_MS);
  }
  await ended;
  const [second] = sent;
  if (!second) throw new Error('nothing was sent');
  return { beside, second };
}

async function look(url: string, times: Times): Promise<void> {
  for (const [name, path] of Object.entries(PAGES)) {
    const beganMs = performance.now();
    await textOf(`${url}${path}`);
    times.set(name, [...(times.get(name) ?? []), performance.now() - beganMs]);
  }
}

function shown(alone: Times, beside: Times): void {
  print(`\n${line(['page', 'median', 'longest', 'median beside the collector', 'longest beside it'])}`);
  print(line(['---', ...Array.from({ length: 4 }, () => '---:')]));
  for (const [name, times] of alone) {
    const others = beside.get(name) ?? [];
    const cells = [median(times), Math.max(...times), median(others), Math.max(...others)];
    print(line([name, ...cells.map((ms) => `${String(Math.round(ms))} ms`)]));
  }
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}

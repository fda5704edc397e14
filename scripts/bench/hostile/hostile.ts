/**
 * What a hostile mix does to `collect`: the longest turn of its main thread, its memory, a valid stream beside the mix, how soon it ends when
 * it is told to, and what a kill costs.
 *
 * Everything runs as it would in use: the built executable, and each sender in a process of its own.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Store } from '#store/store.ts';
import { hostileKinds } from '#test/support/hostile-kinds.ts';
import type { HostileKind } from '#test/support/hostile-kinds.ts';
import type { PolicyTally } from '#tlsrpt/tally.ts';
import { bundle } from '../bundle.ts';
import { inFolder, line, machine, print, runScript, thousands } from '../measuring.ts';
import type { HostileLoad, HostileLoadResult } from './hostile-sender.ts';
import type { ValidLoad } from './valid-sender.ts';

interface Scenario {
  readonly name: string;
  readonly kinds: readonly HostileKind[];
  /** How long each fsync takes. */
  readonly syncMs?: number;
}

interface Turns {
  readonly longestMs: number;
  readonly longestRunningMs: number;
  readonly delayMs: number;
}

/** The collector's main thread at some time: what it waited for a processor until then. */
interface Moment {
  readonly atMs: number;
  readonly waitedMs: number;
}

const SECONDS = 6;
const VALID_SECONDS = 5;
const KILL_AFTER_SECONDS = 2.5;
const VALID_PER_SECOND = 2_000;
const DOMAINS = Array.from({ length: 20 }, (_, index) => `d${String(index)}.valid-stream.example`);
const LOOK_EVERY_MS = 5;
const FIRST_SIGNAL_MS = 200;

const scenarios: readonly Scenario[] = [
  { name: 'hostile: all kinds', kinds: hostileKinds },
  { name: 'hostile: all kinds, a sync takes 3 s', kinds: hostileKinds, syncMs: 3_000 },
  ...hostileKinds.map((kind) => ({ name: `hostile: ${kind}`, kinds: [kind] })),
];

const TITLES = [
  'scenario',
  'hostile MB/s',
  'longest turn',
  'with waiting for a processor',
  'event-loop delay',
  'peak memory',
  'valid sent',
  'counted',
  'SIGTERM to exit',
  'kill -9 costs',
  'while it waited for a processor',
];

export async function benchHostile(filter: string): Promise<void> {
  print(`${machine()}\n`);
  print(line(TITLES));
  print(line(['---', ...TITLES.slice(1).map(() => '---:')]));
  for (const scenario of scenarios.filter(({ name }) => name.includes(filter))) {
    const told = await inFolder((folder) => measureTold(folder, scenario));
    const killed = await inFolder((folder) => measureKilled(folder, scenario));
    print(line([scenario.name, ...told, ...killed]));
  }
}

/** The mix goes on when the collector is told to end; the valid stream has ended a moment before. */
async function measureTold(folder: string, { kinds, syncMs }: Scenario): Promise<string[]> {
  const collector = await startCollector(folder, syncMs);
  const { socket } = collector;
  const hostile = await runHostile(folder, { socket, kinds, seconds: SECONDS });
  const valid = await runValid(folder, {
    socket,
    perSecond: VALID_PER_SECOND,
    seconds: VALID_SECONDS,
    domains: DOMAINS,
  });
  const peak = peakMegabytes(collector.process.pid);
  const toldMs = performance.now();
  collector.process.kill('SIGTERM');
  await once(collector.process, 'exit');
  const endedMs = performance.now() - toldMs;
  const turns = JSON.parse(readFileSync(collector.turnsFile, 'utf8')) as Turns;
  const { bytes } = await hostile.result;
  return [
    (bytes / 1e6 / SECONDS).toFixed(0),
    milliseconds(turns.longestRunningMs),
    milliseconds(turns.longestMs),
    milliseconds(turns.delayMs),
    `${String(peak)} MB`,
    thousands(valid.length),
    thousands(await validCountedIn(collector.state)),
    milliseconds(endedMs),
  ];
}

/** What was sent first is journaled first, so a kill costs the newest of the valid stream. */
async function measureKilled(folder: string, { kinds, syncMs }: Scenario): Promise<string[]> {
  const collector = await startCollector(folder, syncMs);
  const { socket } = collector;
  const hostile = await runHostile(folder, { socket, kinds, seconds: SECONDS });
  const load = { socket, perSecond: VALID_PER_SECOND, seconds: SECONDS, domains: DOMAINS };
  const valid = runValid(folder, load);
  const moments = await watch(collector.process.pid, KILL_AFTER_SECONDS);
  const killedMs = nowMs();
  collector.process.kill('SIGKILL');
  await once(collector.process, 'exit');
  const sentMs = (await valid).filter((ms) => ms < killedMs);
  await hostile.result;
  const firstLostMs = sentMs[await validCountedIn(collector.state)] ?? killedMs;
  const before = moments.findLast(({ atMs }) => atMs <= firstLostMs) ?? moments[0];
  const waitedMs = (moments.at(-1)?.waitedMs ?? 0) - (before?.waitedMs ?? 0);
  return [milliseconds(killedMs - firstLostMs), milliseconds(waitedMs)];
}

interface Collector {
  readonly process: ChildProcess;
  readonly socket: string;
  readonly state: string;
  readonly turnsFile: string;
}

async function startCollector(folder: string, syncMs = 0): Promise<Collector> {
  const [socket, state, turnsFile] = ['tlsrpt.sock', 'state', 'turns.json'].map((name) => join(folder, name));
  const preloads = [fileHere('./main-thread-turns.cjs')];
  if (syncMs > 0) preloads.push(fileHere('../../../test/support/slow-disk.cjs'));
  const NODE_OPTIONS = preloads.map((path) => `--require ${path}`).join(' ');
  const slow = { SLOW_DISK_MS: String(syncMs), SLOW_DISK_CALLS: 'fsync' };
  const process_ = spawn('dist/tlsrpt', ['collect', '--socket', socket ?? '', '--state-dir', state ?? ''], {
    env: { ...process.env, NODE_OPTIONS, TURNS_FILE: turnsFile, ...slow },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await ready(process_);
  process_.kill('SIGUSR2');
  return { process: process_, socket: socket ?? '', state: state ?? '', turnsFile: turnsFile ?? '' };
}

function fileHere(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** With BENCH_LOG it shows what the collector says. */
function ready(collector: ChildProcess): Promise<void> {
  const { stderr } = collector;
  if (!stderr) return Promise.resolve();
  return new Promise((resolve) => {
    createInterface(stderr).on('line', (text) => {
      if (text.includes('collector-ready')) setTimeout(resolve, FIRST_SIGNAL_MS);
      if (process.env['BENCH_LOG'] !== undefined) process.stderr.write(`${text}\n`);
    });
  });
}

/** Resolves once it sends. */
async function runHostile(folder: string, load: HostileLoad): Promise<{ readonly result: Promise<HostileLoadResult> }> {
  const script = join(folder, 'hostile-sender.cjs');
  await bundle('scripts/bench/hostile/hostile-sender.ts', script);
  const sender = spawn(process.execPath, [script, JSON.stringify(load)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface(sender.stdout);
  await once(lines, 'line');
  return { result: once(lines, 'line').then(([text]) => JSON.parse(String(text)) as HostileLoadResult) };
}

function runValid(folder: string, load: ValidLoad): Promise<number[]> {
  return runScript<number[]>(folder, 'hostile/valid-sender', load);
}

async function validCountedIn(state: string): Promise<number> {
  const { sessions } = await Store.open(state);
  let counted = 0;
  for (const day of sessions.days()) {
    const reader = sessions.read(day);
    for (const { domain, policies } of reader?.domainTallies() ?? [])
      if (DOMAINS.includes(domain)) counted += sessionsOf(policies);
    const unreadable = reader?.unreadable() ?? [];
    if (unreadable.length > 0) throw new Error(unreadable.join(', '));
    reader?.close();
  }
  return counted;
}

function sessionsOf(policies: readonly PolicyTally[]): number {
  return policies.reduce((sum, { successful, failed }) => sum + successful + failed, 0);
}

async function watch(pid: number | undefined, seconds: number): Promise<readonly Moment[]> {
  const moments: Moment[] = [];
  for (const endMs = nowMs() + seconds * 1_000; nowMs() < endMs;) {
    moments.push({ atMs: nowMs(), waitedMs: waitedMs(pid) });
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return moments;
}

/** As all processes know it. */
function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

function waitedMs(pid: number | undefined): number {
  const [, waitedNs = '0'] = readFileSync(`/proc/${String(pid)}/schedstat`, 'utf8').split(' ');
  return Number(waitedNs) / 1e6;
}

function peakMegabytes(pid: number | undefined): number {
  const [, kilobytes = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

function milliseconds(ms: number): string {
  return `${ms.toFixed(0)} ms`;
}

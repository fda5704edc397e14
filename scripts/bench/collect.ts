/**
 * How fast `collect` receives, against a bare recvmmsg loop in the same run, and whether it loses anything.
 *
 * Everything runs as it would in use: the built executable with journaling on, and a sender in a process of its own.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bundle } from './bundle.ts';
import { benchPosting } from './posting.ts';
import { benchHostile } from './hostile/hostile.ts';
import type { LoadOptions, LoadResult } from './load-generator.ts';
import { collectedIn, cpuSeconds, settled, withLongQueue } from './measured-collector.ts';
import { inFolder, line, machine, print, runScript, thousands } from './measuring.ts';

interface Scenario {
  readonly name: string;
  readonly load: Omit<LoadOptions, 'socket'>;
  /** Datagrams, each for a domain of its own, that make the day large before the measurement. */
  readonly preload?: number;
  /** The bare loop receives instead of the collector. */
  readonly isBare?: boolean;
}

interface Row {
  readonly scenario: string;
  readonly rate: string;
  readonly ofBareLoop: string;
  readonly cpuPerDatagram: string;
  /** By the queue, by the senders' own buffers, and after the kernel had taken it. */
  readonly lost: readonly string[];
  readonly peakMemory: string;
}

const DATAGRAMS = 1_000_000;
const BURST_SECONDS = 8;
const SPINNING_RUNS = 20;
const SPINNING_SECONDS = 5;

const scenarios: readonly Scenario[] = [
  { name: 'blocking, 1,000 domains, success only', load: { datagrams: DATAGRAMS, domains: 1_000, failures: 0 } },
  { name: 'blocking, 1,000 domains, 20 % failures', load: { datagrams: DATAGRAMS, domains: 1_000, failures: 0.2 } },
  { name: 'blocking, 200,000 domains, success only', load: { datagrams: DATAGRAMS, domains: 200_000, failures: 0 } },
  { name: 'blocking, 200,000 domains, 20 % failures', load: { datagrams: DATAGRAMS, domains: 200_000, failures: 0.2 } },
  ...[10, 50, 200].flatMap((size) => [1_000, 10_000, 30_000].map((perSecond) => burstScenario(size, perSecond))),
  ...[10, 50, 200].map((size) => ({ ...burstScenario(size, 30_000, 100_000), preload: 200_000 })),
  ...Array.from({ length: SPINNING_RUNS }, (_, run) => spinningScenarios(run + 1)).flat(),
];

export async function benchCollect(filter: string): Promise<void> {
  if (filter.startsWith('hostile')) {
    await benchHostile(filter);
    return;
  }
  if (filter === 'http') {
    await benchPosting();
    return;
  }
  await withLongQueue(async (queue) => {
    const bare = await bareRate();
    print(`${machine()}, max_dgram_qlen ${queue}\n`);
    print(`Bare recvmmsg loop: ${thousands(bare)} datagrams/s\n`);
    print(
      line([
        'scenario',
        'datagrams/s',
        'of the bare loop',
        'CPU per datagram',
        'refused by the queue',
        'by the sender',
        'lost after that',
        'peak memory',
      ]),
    );
    print(line(['---', ...Array.from({ length: 7 }, () => '---:')]));
    for (const scenario of scenarios.filter(({ name }) => name.includes(filter))) {
      const row = await measure(scenario, bare);
      print(line([row.scenario, row.rate, row.ofBareLoop, row.cpuPerDatagram, ...row.lost, row.peakMemory]));
    }
  });
}

function burstScenario(size: number, perSecond: number, domains = 1_000): Scenario {
  const checkpoints = domains > 1_000 ? ', checkpoints of a large day' : '';
  return {
    name: `bursts of ${String(size)} at ${thousands(perSecond)}/s${checkpoints}`,
    load: { datagrams: perSecond * BURST_SECONDS, domains, failures: 0.2, bursts: { size, perSecond, spins: false } },
  };
}

/** Each run beside one of the bare loop: what that loses, the machine cannot do at the time. */
function spinningScenarios(run: number): Scenario[] {
  const bursts = { size: 50, perSecond: 30_000, spins: true };
  const load = { datagrams: bursts.perSecond * SPINNING_SECONDS, domains: 1_000, failures: 0.2, bursts };
  const name = `bursts of 50 at 30,000/s, spinning sender, run ${String(run)}`;
  return [
    { name, load },
    { name: `${name}, bare loop`, load, isBare: true },
  ];
}

async function bareRate(): Promise<number> {
  return inFolder(async (folder) => {
    const socket = join(folder, 'bare.sock');
    const receiver = await startBare(folder, socket);
    const ended = once(receiver, 'exit');
    const { sent, seconds } = await generate(folder, { socket, datagrams: DATAGRAMS, domains: 1_000, failures: 0 });
    await ended;
    return sent / seconds;
  });
}

/** It ends by itself once it has received as many as the blocking scenarios send. */
async function startBare(folder: string, socket: string): Promise<ChildProcess> {
  const script = join(folder, 'bare.cjs');
  await bundle('scripts/bench/bare-receiver.ts', script);
  const words = [script, socket, String(DATAGRAMS)];
  const receiver = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(receiver.stdout, 'data');
  return receiver;
}

function measure(scenario: Scenario, bare: number): Promise<Row> {
  return scenario.isBare === true ? measureBare(scenario) : measureCollector(scenario, bare);
}

function measureBare({ name, load }: Scenario): Promise<Row> {
  return inFolder(async (folder) => {
    const socket = join(folder, 'bare.sock');
    const receiver = await startBare(folder, socket);
    const ended = once(receiver, 'exit');
    const { sent, refusedByQueue, refusedBySender, seconds } = await generate(folder, { socket, ...load });
    receiver.kill();
    await ended;
    const lost = [refusedByQueue, refusedBySender].map(thousands);
    const unknown = { ofBareLoop: '', cpuPerDatagram: '', peakMemory: '' };
    return { ...unknown, scenario: name, rate: thousands(sent / seconds), lost: [...lost, ''] };
  });
}

function measureCollector({ name, load, preload }: Scenario, bare: number): Promise<Row> {
  return inFolder(async (folder) => {
    const [socket, state] = [join(folder, 'tlsrpt.sock'), join(folder, 'state')];
    const collector = spawn('dist/tlsrpt', ['collect', '--socket', socket, '--state-dir', state], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await lineWith(collector.stderr, 'collector-ready');
    if (preload !== undefined) await generate(folder, { socket, datagrams: preload, domains: preload, failures: 0 });
    const before = cpuSeconds(collector.pid);
    const { sent, refusedByQueue, refusedBySender, seconds } = await generate(folder, { socket, ...load });
    const ended = once(collector, 'exit');
    await settled(collector.pid);
    const cpu = cpuSeconds(collector.pid) - before;
    const memory = peakMegabytes(collector.pid);
    collector.kill('SIGTERM');
    await ended;
    const lost = [refusedByQueue, refusedBySender, sent + (preload ?? 0) - (await collectedIn(state))];
    return {
      scenario: name,
      rate: thousands(sent / seconds),
      ofBareLoop: load.bursts === undefined ? (sent / seconds / bare).toFixed(2) : '',
      cpuPerDatagram: `${((cpu / sent) * 1e6).toFixed(1)} µs`,
      lost: lost.map(thousands),
      peakMemory: `${String(memory)} MB`,
    };
  });
}

function generate(folder: string, load: LoadOptions): Promise<LoadResult> {
  return runScript<LoadResult>(folder, 'load-generator', load);
}

function lineWith(stream: NodeJS.ReadableStream, word: string): Promise<void> {
  return new Promise((resolve) => {
    createInterface(stream).on('line', (text) => {
      if (text.includes(word)) resolve();
    });
  });
}

function peakMegabytes(pid: number | undefined): number {
  const [, kilobytes = '0'] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

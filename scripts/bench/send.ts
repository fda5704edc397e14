/**
 * How fast `send` delivers to a local mail server, against nodemailer's pool alone in the same run.
 *
 * Everything runs as it would in use: the built executable with its ledger on disk, the server in a process of its own. The start of the
 * program is not part of it: what counts is the time between the ends of a short run and of a long one.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { bundle } from './bundle.ts';

interface Sink {
  readonly folder: string;
  readonly port: string;
}

const MAILS = 10_000;
const FEW_MAILS = 100;
const CONNECTIONS = [5, 20] as const;

export async function benchSend(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tlsrpt-bench-'));
  const script = join(folder, 'sink.cjs');
  await bundle('scripts/bench/smtp-sink.ts', script);
  const sink = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(createInterface(sink.stdout), 'line')) as [string];
  try {
    print("Mails per second, and what `tlsrpt send` does of what nodemailer's pool alone does\n");
    print('| connections | tlsrpt send | nodemailer composes | ratio | composed beforehand | ratio |');
    print('| ---: | ---: | ---: | ---: | ---: | ---: |');
    for (const connections of CONNECTIONS) await measure({ folder, port }, connections);
  } finally {
    sink.kill();
    rmSync(folder, { recursive: true });
  }
}

async function measure(sink: Sink, connections: number): Promise<void> {
  const seconds = (await sendSeconds(sink, MAILS, connections)) - (await sendSeconds(sink, FEW_MAILS, connections));
  const rate = (MAILS - FEW_MAILS) / seconds;
  const alone = await bareRate(sink, connections, 'while-sending');
  const composed = await bareRate(sink, connections, 'composed');
  const cells = [rate.toFixed(0), alone.toFixed(0), (rate / alone).toFixed(2), composed.toFixed(0)];
  print(`| ${[String(connections), ...cells, (rate / composed).toFixed(2)].join(' | ')} |`);
}

async function bareRate({ folder, port }: Sink, connections: number, when: string): Promise<number> {
  const script = join(folder, 'bare-pool.mjs');
  await bundle('scripts/bench/bare-pool.ts', script, 'esm');
  const words = [script, port, String(MAILS), String(connections), when];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  return MAILS / Number(stdout);
}

async function sendSeconds({ folder, port }: Sink, mails: number, connections: number): Promise<number> {
  const state = join(folder, `state-${String(mails)}-${String(connections)}`);
  const fill = join(folder, 'fill-outbox.cjs');
  await bundle('scripts/bench/fill-outbox.ts', fill);
  await promisify(execFile)(process.execPath, [fill, state, String(mails)]);
  const ways = ['--smtp', `smtp://127.0.0.1:${port}`, '--smtp-tls', 'off', '--parallel', String(connections)];
  const startedMs = performance.now();
  await promisify(execFile)('dist/tlsrpt', [
    'send',
    ...ways,
    '--contact',
    'tlsrpt@sender.example',
    '--state-dir',
    state,
  ]);
  return (performance.now() - startedMs) / 1_000;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/**
 * How many reports a second `serve --reports-listen` takes, each answered once it is safe on disk, and how much memory that takes.
 *
 * One process posts, another one is the built executable. The bare server is one of Node.js that reads each body and answers, and keeps nothing.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTestCa } from '#test/support/test-certificates.ts';
import { cpuSeconds } from './measured-collector.ts';
import { inFolder, line, machine, print, runScript, thousands } from './measuring.ts';
import type { ReportLoadOptions, ReportLoadResult } from './report-load.ts';

interface Scenario extends Omit<ReportLoadOptions, 'url'> {
  readonly name: string;
  readonly isEncrypted: boolean;
}

const PEAK_HOOK = 'test/support/print-peak.cjs';

const scenarios: readonly Scenario[] = [
  { name: 'one connection', reports: 3_000, connections: 1, keepAlive: true, isEncrypted: true },
  { name: '64 connections', reports: 60_000, connections: 64, keepAlive: true, isEncrypted: true },
  { name: '64 connections, plain HTTP', reports: 60_000, connections: 64, keepAlive: true, isEncrypted: false },
  { name: 'a connection for each report', reports: 10_000, connections: 64, keepAlive: false, isEncrypted: true },
];

export async function benchReceive(filter: string): Promise<void> {
  print(`${machine()}\n`);
  print(
    line(['scenario', 'reports', 'reports/s', 'of the bare server', 'slowest answer', 'CPU a report', 'peak memory']),
  );
  print(line(['---', ...Array.from({ length: 6 }, () => '---:')]));
  for (const scenario of scenarios.filter(({ name }) => name.includes(filter))) print(line(await measure(scenario)));
}

function measure({ name, isEncrypted, ...load }: Scenario): Promise<string[]> {
  return inFolder(async (folder) => {
    const identity = await writeIdentity(folder);
    const bare = await started(['scripts/bench/bare-report-server.cjs', ...(isEncrypted ? identity : [])]);
    const bareRate = rateOf(await post(folder, { ...load, url: bare.url }), load.reports);
    await ended(bare);
    const flags = isEncrypted ? ['--reports-certificate', identity[0], '--reports-key', identity[1]] : [];
    const serving = await started([
      ...['--require', `./${PEAK_HOOK}`, 'dist/tlsrpt', 'serve', '--state-dir', join(folder, 'state')],
      ...['--listen', '127.0.0.1:0', '--reports-listen', '127.0.0.1:0', '--reports-rate', '0', ...flags],
    ]);
    const before = cpuSeconds(serving.child.pid);
    const result = await post(folder, { ...load, url: serving.url });
    const cpuMs = ((cpuSeconds(serving.child.pid) - before) / load.reports) * 1e3;
    const rate = rateOf(result, load.reports);
    const [, peak = '?'] = /^peak (\d+) MB$/m.exec(await ended(serving)) ?? [];
    const figures = [thousands(load.reports), thousands(rate), (rate / bareRate).toFixed(2)];
    return [name, ...figures, `${thousands(result.slowestMs)} ms`, `${cpuMs.toFixed(2)} ms`, `${peak} MB`];
  });
}

function rateOf({ statuses, seconds }: ReportLoadResult, reports: number): number {
  if (statuses[201] !== reports) throw new Error(`not all were stored: ${JSON.stringify(statuses)}`);
  return reports / seconds;
}

function post(folder: string, options: ReportLoadOptions): Promise<ReportLoadResult> {
  return runScript(folder, 'report-load', options);
}

async function writeIdentity(folder: string): Promise<[certificate: string, key: string]> {
  const { certPem, keyPem } = await (await makeTestCa()).issue({ names: ['localhost'] });
  const [certificate, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  writeFileSync(certificate, certPem);
  writeFileSync(key, keyPem, { mode: 0o600 });
  return [certificate, key];
}

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
  readonly said: () => string;
}

async function started(words: readonly string[]): Promise<Started> {
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  while (!/https?:\S+\/v1\/reports/.test(said)) await once(child.stderr, 'data');
  const [url = ''] = /https?:\S+\/v1\/reports/.exec(said) ?? [];
  return { child, url, said: () => said };
}

async function ended({ child, said }: Started): Promise<string> {
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await closed;
  return said();
}

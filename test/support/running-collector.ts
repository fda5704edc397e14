/**
 * The built executable collecting on a socket of its own, for as long as a test lasts, and what the system knows about its process.
 */
import { existsSync, readFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { startTlsrpt } from './run-tlsrpt.ts';
import type { RunOptions, StartedRun } from './run-tlsrpt.ts';
import { until } from './until.ts';

export interface CollectorPlace {
  readonly socket: string;
  readonly state: { readonly path: string };
}

/** Resolves once MTAs can send to it. It is killed when the test ends. */
export async function startCollector({ socket, state }: CollectorPlace, options?: RunOptions): Promise<StartedRun> {
  const collector = startTlsrpt(['collect', '--socket', socket, '--state-dir', state.path], options);
  onTestFinished(() => {
    collector.kill('SIGKILL');
  });
  await collector.said('collector-ready');
  return collector;
}

/** How much memory it ever had. */
export function peakMegabytes({ pid }: StartedRun): number {
  const [, kilobytes = 'none'] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1_024;
}

/** For how long its main thread had something to do, but no processor; 0 where the kernel does not tell. */
export function starvedMs({ pid }: StartedRun): number {
  const file = `/proc/${String(pid)}/schedstat`;
  const [, waitedNs = '0'] = existsSync(file) ? readFileSync(file, 'utf8').split(' ') : [];
  return Number(waitedNs) / 1e6;
}

const LOOKS_AT_REST = 10;

/** Until it has worked off what it was sent. */
export async function untilAtRest({ pid }: StartedRun): Promise<void> {
  let [lastTicks, restful] = [-1, 0];
  await until(() => {
    const ticks = processorTicks(pid);
    restful = ticks === lastTicks ? restful + 1 : 0;
    lastTicks = ticks;
    return restful === LOOKS_AT_REST;
  });
}

function processorTicks(pid: number): number {
  const [, fields = ''] = readFileSync(`/proc/${String(pid)}/stat`, 'utf8').split(') ');
  const [user = 0, system = 0] = fields.split(' ').slice(11, 13).map(Number);
  return user + system;
}

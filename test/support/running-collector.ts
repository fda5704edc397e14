/**
 * The built executable collecting on a socket of its own, for as long as a test lasts, and what the system knows about its process.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

const LOWEST_PRIORITY = 19;

/**
 * For how long its threads had something to do, but no processor, as far as they have got one since; 0 where the kernel does not tell. The one that tallies does not count: it
 * gives way to everything else, and what it has not read yet is journaled.
 */
export function starvedMs({ pid }: StartedRun): number {
  const tasks = `/proc/${String(pid)}/task`;
  const waitedNs = unlessGone(() => readdirSync(tasks), []).map((task) =>
    unlessGone(() => {
      if (niceness(readFileSync(join(tasks, task, 'stat'), 'utf8')) === LOWEST_PRIORITY) return 0;
      const [, waited = '0'] = readFileSync(join(tasks, task, 'schedstat'), 'utf8').split(' ');
      return Number(waited);
    }, 0),
  );
  return waitedNs.reduce((sum, next) => sum + next, 0) / 1e6;
}

/** Once none of its threads runs any more after SIGSTOP. */
export async function untilStopped({ pid }: StartedRun): Promise<void> {
  const tasks = `/proc/${String(pid)}/task`;
  const isStopped = (task: string): boolean =>
    unlessGone(() => readFileSync(join(tasks, task, 'stat'), 'utf8').includes(') T '), true);
  await until(() => unlessGone(() => readdirSync(tasks), []).every(isStopped));
}

function niceness(stat: string): number {
  const [, fields = ''] = stat.split(') ');
  return Number(fields.split(' ')[16]);
}

/** A thread may end while it is looked at. */
function unlessGone<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
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

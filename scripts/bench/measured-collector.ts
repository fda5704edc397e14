/**
 * What is measured of a collector from outside: the processor time that it takes, and what it has stored.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const TICKS_PER_SECOND = 100;

export async function collectedIn(state: string): Promise<number> {
  const { stdout } = await promisify(execFile)('dist/tlsrpt', ['status', '--json', '--state-dir', state], {
    maxBuffer: 1e9,
  });
  const { days } = JSON.parse(stdout) as { days: { collected: { datagrams: number } }[] };
  return days.reduce((total, { collected }) => total + collected.datagrams, 0);
}

/** Until the collector has nothing more to do. */
export async function settled(pid: number | undefined): Promise<void> {
  for (let last = -1; last !== cpuSeconds(pid);) {
    last = cpuSeconds(pid);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

export function cpuSeconds(pid: number | undefined): number {
  const fields =
    readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
      .split(') ')[1]
      ?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

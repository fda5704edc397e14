/**
 * What is measured of a collector from outside: the processor time that it takes, and what it has stored; and how long its queue is.
 */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';

const TICKS_PER_SECOND = 100;
const QUEUE_SETTING = '/proc/sys/net/unix/max_dgram_qlen';
const QUEUE_LENGTH = '512';

/** With queues of sockets as an administrator sets them, where that may be set. `measure` hears what it is. */
export async function withLongQueue(measure: (queue: string) => Promise<void>): Promise<void> {
  const before = readFileSync(QUEUE_SETTING, 'utf8').trim();
  try {
    await measure(setQueueLength(QUEUE_LENGTH) ? QUEUE_LENGTH : before);
  } finally {
    setQueueLength(before);
  }
}

function setQueueLength(length: string): boolean {
  try {
    writeFileSync(QUEUE_SETTING, length);
    return true;
  } catch {
    return false;
  }
}

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

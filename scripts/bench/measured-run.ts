/**
 * Runs the built executable, and measures how long it takes and how much memory.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

export interface Measured {
  readonly seconds: number;
  readonly peakMegabytes: number;
}

const LOOK_MS = 20;

export async function measureRun(words: readonly string[]): Promise<Measured> {
  const startedMs = performance.now();
  const child = spawn('dist/tlsrpt', words, { stdio: ['ignore', 'ignore', 'inherit'] });
  let peakMegabytes = 0;
  const look = setInterval(() => {
    peakMegabytes = Math.max(peakMegabytes, peakOf(child.pid));
  }, LOOK_MS);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(look);
  if (code !== 0) throw new Error(`tlsrpt ${words[0] ?? ''} ended with ${String(code)}`);
  return { seconds: (performance.now() - startedMs) / 1_000, peakMegabytes };
}

/** Zero once it has ended. */
function peakOf(pid: number | undefined): number {
  try {
    return memoryOf(pid).peakMegabytes;
  } catch {
    return 0;
  }
}

export interface Memory {
  readonly nowMegabytes: number;
  readonly peakMegabytes: number;
}

/** Of a process that runs. */
export function memoryOf(pid: number | undefined): Memory {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  const megabytes = (field: string): number =>
    Math.round(Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1_024);
  return { nowMegabytes: megabytes('VmRSS'), peakMegabytes: megabytes('VmHWM') };
}

export function shownRun(what: string, { seconds, peakMegabytes }: Measured): string {
  return `${what} in ${seconds.toFixed(1)} s with at most ${String(peakMegabytes)} MB`;
}

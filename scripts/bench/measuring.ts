/**
 * What the benchmarks have in common: a folder to work in, scripts in processes of their own, the machine, and how figures look.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { bundle } from './bundle.ts';

export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'tlsrpt-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs one of these scripts with its one argument as JSON, and returns what it prints as JSON. */
export async function runScript<T>(folder: string, name: string, argument: unknown): Promise<T> {
  const script = join(folder, `${basename(name)}.cjs`);
  await bundle(`scripts/bench/${name}.ts`, script);
  const { stdout } = await promisify(execFile)(process.execPath, [script, JSON.stringify(argument)], {
    maxBuffer: 1e9,
  });
  return JSON.parse(stdout) as T;
}

export function machine(): string {
  const [processor] = cpus();
  const memory = `${String(Math.round(totalmem() / 2 ** 30))} GiB`;
  return `${String(cpus().length)} x ${processor?.model ?? 'unknown'}, ${memory}, Linux ${release()}, Node.js ${process.version}`;
}

export function thousands(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

export function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

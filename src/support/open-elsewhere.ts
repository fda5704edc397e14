/**
 * Which other processes have a file open, as far as this one may see: /proc/PID/fd.
 *
 * Root sees all of them, others their own, and of the rest what program they are. Where there is no /proc, nobody is seen.
 */
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';

export interface FileUser {
  readonly pid: number;
  /** The name of its program. */
  readonly name: string;
}

export function processesUsing(path: string): FileUser[] {
  const target = orUndefined(() => realpathSync(path));
  if (target === undefined) return [];
  return processIds()
    .filter((pid) => Number(pid) !== process.pid && hasOpen(pid, target))
    .map((pid) => ({ pid: Number(pid), name: programOf(pid) }));
}

/** Processes of these programs, scripts included, that do not show what they have open. */
export function hiddenProcesses(programs: readonly string[]): FileUser[] {
  return processIds()
    .filter((pid) => orUndefined(() => readdirSync(`/proc/${pid}/fd`)) === undefined)
    .map((pid) => ({ pid: Number(pid), name: programs.find((program) => isRunning(pid, program)) ?? '' }))
    .filter(({ name }) => name !== '');
}

/** As the first word of a command, or the second behind an interpreter. */
function isRunning(pid: string, program: string): boolean {
  const words = orUndefined(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.split('\0') ?? [];
  return words.slice(0, 2).some((word) => basename(word) === program);
}

function processIds(): string[] {
  return orUndefined(() => readdirSync('/proc'))?.filter((name) => /^\d+$/.test(name)) ?? [];
}

function hasOpen(pid: string, target: string): boolean {
  const folder = `/proc/${pid}/fd`;
  const open = orUndefined(() => readdirSync(folder)) ?? [];
  return open.some((fd) => orUndefined(() => readlinkSync(`${folder}/${fd}`)) === target);
}

function programOf(pid: string): string {
  return orUndefined(() => readFileSync(`/proc/${pid}/comm`, 'utf8'))?.trim() ?? 'a process';
}

/** Processes end while they are looked at, and those of others are not shown. */
function orUndefined<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/**
 * Which other processes have a file open, as far as this one may see: /proc/PID/fd.
 *
 * Root sees all of them, others their own. Where there is no /proc, nobody is seen.
 */
import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';

export interface FileUser {
  readonly pid: number;
  /** The name of its program. */
  readonly name: string;
}

export function processesUsing(path: string): FileUser[] {
  const target = orUndefined(() => realpathSync(path));
  const pids = orUndefined(() => readdirSync('/proc'))?.filter((name) => /^\d+$/.test(name)) ?? [];
  if (target === undefined) return [];
  return pids
    .filter((pid) => Number(pid) !== process.pid && hasOpen(pid, target))
    .map((pid) => ({ pid: Number(pid), name: programOf(pid) }));
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

/**
 * Kills a process with all that it has started, as far as /proc shows it: what a script runs outlives the script when that alone is killed.
 *
 * They are stopped first, so that none starts another one unseen. What has left its parent on purpose stays, as the master of ssh with ControlPersist
 * does. Where there is no /proc, the process alone is killed.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { groupBy } from './group-by.ts';
import { errnoOf } from './problem.ts';

/** Who starts new ones faster than they are stopped is not run after for ever. */
const MOST_LOOKS = 10;

/** `pid` is a child of this process that Node.js has not seen end, so nobody else has its number. */
export function killTree(pid: number): void {
  const stopped = new Set<number>();
  let found = [pid];
  for (let looks = 1; found.length > 0 && looks <= MOST_LOOKS; looks += 1) {
    for (const one of found) {
      stopped.add(one);
      signalIfThere(one, 'SIGSTOP');
    }
    found = descendantsOf(pid).filter((one) => !stopped.has(one));
  }
  for (const one of stopped) signalIfThere(one, 'SIGKILL');
}

function descendantsOf(pid: number): number[] {
  const children = groupBy(processes(), ({ parent }) => String(parent));
  const found = [pid];
  for (const one of found) found.push(...(children.get(String(one)) ?? []).map((child) => child.pid));
  return found.slice(1);
}

interface Process {
  readonly pid: number;
  readonly parent: number;
}

function processes(): Process[] {
  const names = orUndefined(() => readdirSync('/proc')) ?? [];
  return names
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const parent = parentIn(orUndefined(() => readFileSync(`/proc/${name}/stat`, 'latin1')) ?? '');
      return parent === undefined ? [] : [{ pid: Number(name), parent }];
    });
}

/** Behind the name of the program, which may be anything in parentheses (proc_pid_stat(5)). */
function parentIn(stat: string): number | undefined {
  const [, parent] = /^[A-Za-z] (\d+) /.exec(stat.slice(stat.lastIndexOf(')') + 2)) ?? [];
  return parent === undefined ? undefined : Number(parent);
}

/** One that runs as somebody else is out of reach. */
function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  orUndefined(() => process.kill(pid, signal));
}

/** Processes end while they are looked at. */
function orUndefined<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

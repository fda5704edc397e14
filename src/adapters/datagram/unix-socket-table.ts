/**
 * What /proc/net/unix says about the unix sockets of this network namespace, and which processes have them open.
 *
 * Only root sees the descriptors of other users' processes, and a process in another PID namespace is not seen at all.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

interface UnixSocket {
  readonly inode: string;
  /** SOCK_STREAM, SOCK_DGRAM and so on, as their numbers. */
  readonly type: number;
  /** As it was bound; undefined without a name. */
  readonly path: string | undefined;
}

const ROW = /^\S+ [0-9a-f]+ [0-9a-f]+ [0-9a-f]+ ([0-9a-f]+) [0-9a-f]+ +(\d+)(?: (.+))?$/i;

/** Empty where /proc cannot be read. */
export function unixSockets(): UnixSocket[] {
  return orNothing(() => readFileSync('/proc/net/unix', 'utf8').split('\n').flatMap(parseRow));
}

function parseRow(row: string): UnixSocket[] {
  const [, type = '', inode = '', path] = ROW.exec(row) ?? [];
  return inode === '' ? [] : [{ inode, type: Number.parseInt(type, 16), path }];
}

/** Such as `process 812 (node)`, all of those that have one of the sockets open. */
export function holdersOf(inodes: readonly string[]): string[] {
  const links = new Set(inodes.map((inode) => `socket:[${inode}]`));
  return orNothing(() => readdirSync('/proc'))
    .filter((name) => /^\d+$/.test(name) && hasOpen(name, links))
    .map((pid) => `process ${pid}${commandOf(pid)}`);
}

function hasOpen(pid: string, links: ReadonlySet<string>): boolean {
  const directory = `/proc/${pid}/fd`;
  return orNothing(() => readdirSync(directory)).some((fd) =>
    orNothing(() => [readlinkSync(`${directory}/${fd}`)]).some((link) => links.has(link)),
  );
}

function commandOf(pid: string): string {
  const [command] = orNothing(() => [readFileSync(`/proc/${pid}/comm`, 'utf8').trim()]);
  return command === undefined ? '' : ` (${command})`;
}

/** Processes come and go, and most belong to others: what cannot be read is left out. */
function orNothing<T>(read: () => T[]): T[] {
  try {
    return read();
  } catch {
    return [];
  }
}

/**
 * The systemd units by which the socket gets where Postfix reaches it. Names and values that could mean something else to systemd are
 * refused before they get here (`isPlainPath`).
 */
import { join } from 'node:path';
import type { Wanted } from './place.ts';

const UNITS = '/etc/systemd/system';
export const SOCKET_UNIT = 'tlsrpt.socket';
const ORIGIN = '# Made by tlsrpt setup postfix; tlsrpt setup postfix --remove takes it away.';

export interface SocketAccess {
  readonly path: string;
  readonly group: string;
  /** Of which the group can write. */
  readonly mode: number;
}

/** The collector, and with it the socket: where Postfix came after the package, neither was started. */
export const runningCollector: Wanted = { place: { kind: 'service', unit: 'tlsrpt.service' }, value: 'running' };

/** Moves the socket of the package's unit, or gives it to another group. */
export function socketDropIn({ path, group, mode }: SocketAccess): Wanted {
  const lines = [
    ORIGIN,
    '[Socket]',
    'ListenDatagram=',
    `ListenDatagram=${path}`,
    `SocketGroup=${group}`,
    `SocketMode=${mode.toString(8).padStart(4, '0')}`,
    'RemoveOnStop=yes',
  ];
  return {
    place: { kind: 'drop-in', path: join(UNITS, `${SOCKET_UNIT}.d/postfix.conf`), unit: SOCKET_UNIT },
    value: asFile(lines),
  };
}

/** Lets one directory show up in another place too; what is made in it later, such as a new socket, shows up as well. */
export function bindMount(directory: string, mountPoint: string): Wanted {
  const unit = `${escapedPath(mountPoint)}.mount`;
  const lines = [
    ORIGIN,
    '[Unit]',
    'Description=Socket of tlsrpt in the queue directory of another instance of Postfix',
    '[Mount]',
    `What=${directory}`,
    `Where=${mountPoint}`,
    'Type=none',
    'Options=bind',
    '[Install]',
    'WantedBy=local-fs.target',
  ];
  return { place: { kind: 'unit', path: join(UNITS, unit), unit }, value: asFile(lines) };
}

/** One that needs no quoting in a unit. */
export function isPlainPath(path: string): boolean {
  return /^\/[\w./@:+-]+$/.test(path);
}

/** As systemd-escape --path has it. */
function escapedPath(path: string): string {
  return path
    .replace(/^\/+|\/+$/g, '')
    .replace(/[^\w/:.]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .replaceAll('/', '-');
}

function asFile(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

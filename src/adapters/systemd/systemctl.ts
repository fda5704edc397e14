/**
 * Looks at units of systemd, and starts and stops some, by systemctl(1).
 *
 * Problems: system-command-failed, no-permission.
 */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { Problem } from '#support/problem.ts';
import { readCommand } from '#support/run-command.ts';

/** A call of those that systemd counts among `@privileged`. */
const GAINING_CALL = 'setuid';

/** sd_booted(3). */
export function isSystemdRunning(): boolean {
  return existsSync('/run/systemd/system');
}

export interface SocketUnit {
  /** The datagram socket that it makes. */
  readonly path: string;
  /** Undefined for that of root. */
  readonly group: string | undefined;
  readonly mode: number;
}

/** Undefined when there is no such unit, or no datagram socket in it. */
export function readSocketUnit(name: string): SocketUnit | undefined {
  const { output, property } = readProperties(name, ['LoadState', 'Listen', 'SocketGroup', 'SocketMode']);
  const [, path] = /^Listen=(\/.*) \(Datagram\)$/m.exec(output) ?? [];
  if (property('LoadState') !== 'loaded' || path === undefined) return undefined;
  const group = property('SocketGroup');
  return { path, group: group === '' ? undefined : group, mode: parseInt(property('SocketMode'), 8) || 0 };
}

export interface UnitState {
  readonly isThere: boolean;
  /** Whether it is started at boot. */
  readonly isEnabled: boolean;
  /** Whether nothing may start it. */
  readonly isMasked: boolean;
  readonly isActive: boolean;
}

export function readUnitState(name: string): UnitState {
  const { property } = readProperties(name, ['LoadState', 'UnitFileState', 'ActiveState']);
  const enablement = property('UnitFileState');
  return {
    isThere: !['', 'not-found'].includes(property('LoadState')),
    isEnabled: !['', 'bad', 'disabled', 'indirect', 'masked', 'masked-runtime'].includes(enablement),
    isMasked: enablement === 'masked',
    isActive: property('ActiveState') === 'active',
  };
}

/** As whom a service runs; undefined when there is no such service. */
export function readServiceUser(name: string): string | undefined {
  const { property } = readProperties(name, ['LoadState', 'User']);
  if (property('LoadState') !== 'loaded') return undefined;
  return property('User') === '' ? 'root' : property('User');
}

/**
 * By which settings a service keeps what it runs from gaining rights, as a program that is setuid or setgid does, or from writing to its `queue`; none
 * when there is no such service. Where the queue is not known, any place to write to will do.
 */
export function confinementOf(service: string, queue: string | undefined): string[] {
  const keys = ['NoNewPrivileges', 'PrivateUsers', 'SystemCallFilter', 'ProtectSystem', 'ReadWritePaths'];
  const { property } = readProperties(service, keys);
  return [
    ...(property('NoNewPrivileges') === 'yes' ? ['NoNewPrivileges='] : []),
    ...(['', 'no'].includes(property('PrivateUsers')) ? [] : ['PrivateUsers=']),
    ...(isBarred(GAINING_CALL, property('SystemCallFilter')) ? ['SystemCallFilter='] : []),
    ...(property('ProtectSystem') === 'strict' && !isWritable(queue, property('ReadWritePaths'))
      ? ['ReadWritePaths=']
      : []),
  ];
}

/** `list`: as systemd has what a service may do, or behind a `~` what it may not; where it is empty nothing is barred. */
export function isBarred(name: string, list: string): boolean {
  const isListed = list.replace(/^~/, '').split(' ').includes(name);
  return list !== '' && list.startsWith('~') === isListed;
}

/** `paths`: as ReadWritePaths= has them, `-` in front of what may be missing and `+` of what is below RootDirectory=. */
function isWritable(queue: string | undefined, paths: string): boolean {
  const places = paths.split(' ').map((path) => path.replace(/^[-+]*/, ''));
  if (queue === undefined) return paths !== '';
  const names = [queue, ...(existsSync(queue) ? [realpathSync(queue)] : [])];
  return names.some((name) => places.some((place) => place !== '' && isWithin(name, place)));
}

function isWithin(path: string, place: string): boolean {
  return `${path}/`.startsWith(place.endsWith('/') ? place : `${place}/`);
}

export interface ServiceRun {
  readonly endedMs: number;
  /** In systemd's words, such as `exit-code 78`; undefined when it ended as it should. */
  readonly failure: string | undefined;
}

/** The last run of a service that ends by itself; undefined when there was none since the machine was started. */
export function readLastRun(service: string): ServiceRun | undefined {
  const keys = ['Result', 'ExecMainStatus', 'ExecMainExitTimestamp'];
  const { property } = readProperties(service, keys, ['--timestamp=unix']);
  const [, seconds] = /^@(\d+)$/.exec(property('ExecMainExitTimestamp')) ?? [];
  if (seconds === undefined) return undefined;
  const [result, status] = [property('Result'), property('ExecMainStatus')];
  return { endedMs: Number(seconds) * 1_000, failure: result === 'success' ? undefined : `${result} ${status}` };
}

export interface Properties {
  readonly output: string;
  /** Empty for one that systemd does not tell. */
  readonly property: (key: string) => string;
}

export function readProperties(unit: string, keys: readonly string[], options: readonly string[] = []): Properties {
  const words = ['show', unit, `--property=${keys.join(',')}`, ...options];
  const { exitCode, output: printed } = readCommand('systemctl', words);
  const output = exitCode === 0 ? printed : '';
  return { output, property: (key) => new RegExp(`^${key}=(.*)$`, 'm').exec(output)?.[1] ?? '' };
}

export function isActive(unit: string): boolean {
  return readCommand('systemctl', ['is-active', '--quiet', unit]).exitCode === 0;
}

/** Whether a service runs, and the socket that its unit makes, if there is one, is still there, and is as the unit says now. */
export function isServing(service: string): boolean {
  return isActive(service) && isSocketSound(service);
}

/** What it needs, such as its socket, is started with it; a socket that is not sound is made anew. */
export function setRunning(service: string, isRunning: boolean): void {
  if (!isRunning) {
    systemctl(['stop', service]);
    return;
  }
  if (isSocketSound(service)) systemctl(['start', service]);
  else {
    systemctl(['daemon-reload']);
    systemctl(['restart', socketOf(service), service]);
  }
  // systemctl is content with a unit that it passes over, since a condition of it is not met.
  if (isActive(service)) return;
  throw new Problem(
    'system-command-failed',
    `systemctl has started ${service}, and it does not run. See systemctl status ${service}, mend what it says, and run this again.`,
  );
}

/** systemd takes no notice when the name of a socket goes. One that is not there yet is made as the unit says. */
function isSocketSound(service: string): boolean {
  const unit = socketOf(service);
  const socket = readSocketUnit(unit);
  if (socket === undefined || !isActive(unit)) return true;
  return existsSync(socket.path) && !isChangedSinceStart(unit);
}

/** A drop-in has no effect before systemd has read it and the unit was started anew, which may have been cut off. */
function isChangedSinceStart(unit: string): boolean {
  const keys = ['DropInPaths', 'ActiveEnterTimestamp'];
  const { property } = readProperties(unit, keys, ['--timestamp=unix']);
  const [, seconds] = /^@(\d+)$/.exec(property('ActiveEnterTimestamp')) ?? [];
  const isNewer = (path: string): boolean =>
    Math.floor((statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) / 1_000) > Number(seconds ?? Infinity);
  return !isRead(unit) || property('DropInPaths').split(' ').some(isNewer);
}

/** Whether systemd has read the files of a unit since they changed. */
export function isRead(unit: string): boolean {
  return readProperties(unit, ['NeedDaemonReload']).property('NeedDaemonReload') !== 'yes';
}

function socketOf(service: string): string {
  return service.replace(/\.service$/, '.socket');
}

export function systemctl(words: readonly string[]): void {
  const { exitCode, complaint } = readCommand('systemctl', words);
  if (exitCode === 0) return;
  throw new Problem(
    'system-command-failed',
    `systemctl ${words.join(' ')} failed: ${complaint}. Run it by hand, mend what it says, and run this again.`,
  );
}

/**
 * What the checks of `doctor` are about, as this machine shows it. Changes nothing.
 *
 * Problems: no-permission, system-command-failed, native-library-unavailable.
 */
import { lstatSync, readdirSync, statfsSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { isReceivedOn } from '#adapters/datagram/datagram-socket.ts';
import { isSystemdRunning, readLastRun, readServiceUser, readUnitState } from '#adapters/systemd/systemctl.ts';
import { readUnitSource, unitSourceIn } from '#adapters/systemd/unit-source.ts';
import type { BootUnit } from '#pipeline/doctor/judge-boot.ts';
import type { DiskFacts } from '#pipeline/doctor/judge-machine.ts';
import type { PathEntry, SocketFacts } from '#pipeline/doctor/judge-socket.ts';
import type { StateOwnerFacts } from '#pipeline/doctor/judge-state-owner.ts';
import type { Timer } from '#pipeline/doctor/judge-timers.ts';
import type { UnitFacts } from '#pipeline/doctor/judge-units.ts';
import type { FoundHost } from '#pipeline/setup/plan-setup.ts';
import { SOCKET_UNIT } from '#pipeline/setup/systemd-units.ts';
import { userNameOf } from '#support/become-user.ts';
import { lookingAt } from '#support/looking-at.ts';
import { Problem } from '#support/problem.ts';
import { readCommand } from '#support/run-command.ts';

const COLLECTOR = 'tlsrpt.service';
const UNITS_OF_PACKAGES = '/usr/lib/systemd/system';

export function socketFacts(path: string, { instances, postfixGroup, socket }: FoundHost): SocketFacts {
  const { user } = instances[0];
  const entries = lineTo(path).map(entryAt);
  return {
    entries,
    user: { userId: idOf('-u', user), groupId: idOf('-g', user), group: postfixGroup },
    isReceivedOn: entries.at(-1)?.kind === 'socket' ? isReceivedOn(path) : undefined,
    isOfUnit: socket.isOfUnit,
  };
}

/** From the root down to it. */
function lineTo(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [...lineTo(parent), path];
}

function entryAt(path: string): PathEntry {
  const stats = lookingAt(path, () => statSync(path, { throwIfNoEntry: false }));
  if (!stats) return { path, kind: 'missing', userId: 0, groupId: 0, mode: 0 };
  return { path, kind: kindOf(stats), userId: stats.uid, groupId: stats.gid, mode: stats.mode };
}

function kindOf(stats: Stats): PathEntry['kind'] {
  return stats.isDirectory() ? 'directory' : stats.isSocket() ? 'socket' : 'other';
}

/** The number of that user, or of its group. */
export function idOf(what: '-u' | '-g', user: string): number {
  const { exitCode, output, complaint } = readCommand('id', [what, user]);
  if (exitCode === 0) return Number(output);
  throw new Problem('system-command-failed', `id ${what} ${user} failed: ${complaint}.`);
}

/** Undefined when there is no such directory. */
export function stateOwnerFacts(directory: string): StateOwnerFacts | undefined {
  const stats = lstatSync(directory, { throwIfNoEntry: false });
  if (stats?.isDirectory() !== true) return undefined;
  const names = lookingAt(directory, () => readdirSync(directory, { recursive: true, encoding: 'utf8' }));
  const entries = names.flatMap((name) => {
    const path = join(directory, name);
    const found = lstatSync(path, { throwIfNoEntry: false }); // gone meanwhile, as journals go
    return found ? [{ path, userId: found.uid }] : [];
  });
  return {
    directory,
    userId: stats.uid,
    user: userNameOf(stats.uid),
    mode: stats.mode,
    collectorUser: isSystemdRunning() ? readServiceUser(COLLECTOR) : undefined,
    entries,
  };
}

/** Undefined where systemd does not run. */
export function timersFor(hasSources: boolean): Timer[] | undefined {
  if (!isSystemdRunning()) return undefined;
  const commands = hasSources ? (['report', 'send', 'fetch'] as const) : (['report', 'send'] as const);
  return commands.map((command) => ({
    command,
    ...readUnitState(`tlsrpt-${command}.timer`),
    lastRun: readLastRun(`tlsrpt-${command}.service`),
  }));
}

/** Undefined where systemd does not run. */
export function unitFacts(): UnitFacts | undefined {
  if (!isSystemdRunning()) return undefined;
  const packaged = unitSourceIn(join(UNITS_OF_PACKAGES, COLLECTOR));
  return { service: COLLECTOR, used: readUnitSource(COLLECTOR), packaged };
}

/** Whether systemd runs here, and knows the collector's service. */
export function hasCollectorUnit(): boolean {
  return isSystemdRunning() && readUnitState(COLLECTOR).isThere;
}

/** Those by which systemd runs the collector; undefined where something else does. */
export function collectorUnits(): BootUnit[] | undefined {
  if (!isSystemdRunning() || !readUnitState(COLLECTOR).isActive) return undefined;
  return [SOCKET_UNIT, COLLECTOR].map((name) => ({ name, ...readUnitState(name) }));
}

export function diskFacts(path: string): DiskFacts {
  const { bavail, blocks, bsize, ffree, files } = statfsSync(path);
  return { path, freeBytes: bavail * bsize, totalBytes: blocks * bsize, freeFiles: files === 0 ? undefined : ffree };
}

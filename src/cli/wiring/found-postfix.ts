/**
 * What there is of Postfix and of our own socket on this host, for `setup postfix`.
 *
 * Problems: postfix-not-found, system-command-failed, no-permission.
 */
import { statSync } from 'node:fs';
import { findInstances } from '#adapters/postfix/find-instances.ts';
import type { FoundInstances } from '#adapters/postfix/find-instances.ts';
import { tellingZones } from '#adapters/postfix/mta-sts-resolver.ts';
import { answersLookup } from '#adapters/postfix/postconf.ts';
import { isSystemdRunning, readSocketUnit } from '#adapters/systemd/systemctl.ts';
import type { CollectorSocket, FoundHost } from '#pipeline/setup/plan-setup.ts';
import { SOCKET_UNIT } from '#pipeline/setup/systemd-units.ts';
import { Problem } from '#support/problem.ts';
import { readCommand } from '#support/run-command.ts';
import type { Invocation } from '#cli/command.ts';
import { configurationPath } from '#cli/arguments/command-settings.ts';
import { readDirectory, realPath } from './setup-directories.ts';
import { statePathOf } from './state.ts';

/** No domain; a plug-in has nothing to look up for it (RFC 2606 2). */
const PROBE = 'tlsrpt.invalid';
const PACKAGED_USER = 'tlsrpt';

export interface FoundPostfix {
  readonly host: FoundHost;
  readonly disabled: FoundInstances['disabled'];
}

export function findPostfix(invocation: Invocation): FoundPostfix {
  const { instances, disabled } = findInstances();
  const user = collectorUser(invocation);
  const host: FoundHost = {
    instances,
    socket: collectorSocket(invocation),
    postfixGroup: groupOf(instances[0].user),
    collectorUser: user,
    collectorGroups: readCommand('id', ['-Gn', user]).output.trim().split(' '),
    socketGroupAt,
    configurationFile: configurationPath(invocation.given, invocation.environment),
    hasSystemd: isSystemdRunning(),
    directoryAt: readDirectory,
    realPath,
    answers: (instance, map) => answersLookup(instance.configDirectory, map, PROBE),
    zoneTells: tellingZones(),
  };
  return { host, disabled };
}

/** systemd's word goes before the settings: the collector takes the socket that it is given. */
function collectorSocket({ settings }: Invocation): CollectorSocket {
  const unit = isSystemdRunning() ? readSocketUnit(SOCKET_UNIT) : undefined;
  if (unit) return { ...unit, isOfUnit: true };
  return { path: settings.socket, group: settings.socketGroup, mode: settings.socketMode, isOfUnit: false };
}

function groupOf(user: string): string {
  const { exitCode, output, complaint } = readCommand('id', ['-gn', user]);
  if (exitCode === 0) return output.trim();
  throw new Problem(
    'system-command-failed',
    `The user ${user}, as which Postfix runs (mail_owner), is not known here: ${complaint}. Mend the installation of Postfix.`,
  );
}

function socketGroupAt(path: string): string | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return undefined;
  return readCommand('stat', ['-L', '-c', '%G', path]).output.trim();
}

/** Whoever owns the state directory collects; before there is one, the user that the package makes. */
function collectorUser(invocation: Invocation): string {
  const [owner] = (readDirectory(statePathOf(invocation)) ?? '').split(':');
  if (owner !== undefined && owner !== '') return owner;
  return readCommand('id', ['-u', PACKAGED_USER]).exitCode === 0 ? PACKAGED_USER : 'root';
}

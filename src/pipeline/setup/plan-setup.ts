/**
 * What has to change on a Postfix host so that the collector hears of every TLS handshake. Looks and decides; changes nothing.
 *
 * What is right already, in whatever words, stays as it is. What needs a decision of the administrator is said in a note.
 * Problems: postfix-without-tlsrpt.
 */
import { dirname, join } from 'node:path';
import { Problem } from '#support/problem.ts';
import { planDirectories, planMissing } from './plan-directories.ts';
import type { PlanPart, Wanted } from './place.ts';
import { advisePolicyMaps } from './policy-maps.ts';
import type { PolicyPlugins } from './policy-maps.ts';
import type { PostfixInstance, SmtpClient } from './postfix-instance.ts';
import { planMaking } from './socket-making.ts';
import { chooseSocketPath, leadsThere, routeTo } from './socket-place.ts';
import { bindMount, isPlainPath, runningCollector, socketDropIn } from './systemd-units.ts';

/** The collector's socket as it is set up so far. */
export interface CollectorSocket {
  readonly path: string;
  /** Undefined when nobody has decided. */
  readonly group: string | undefined;
  readonly mode: number;
  /** Undefined when the collector makes it as its settings say; true when systemd makes it for the unit of the package. */
  readonly isOfUnit: boolean;
}

export interface FoundHost {
  readonly instances: readonly [PostfixInstance, ...PostfixInstance[]];
  readonly socket: CollectorSocket;
  /** The group of the user as which smtp(8) runs. */
  readonly postfixGroup: string;
  /** The user as which the collector runs. */
  readonly collectorUser: string;
  readonly collectorGroups: readonly string[];
  /** The group of the socket that is there; undefined when there is none. */
  readonly socketGroupAt: (path: string) => string | undefined;
  readonly configurationFile: string;
  readonly hasSystemd: boolean;
  /** As a place of that kind reads; null when there is no such directory. */
  readonly directoryAt: (path: string) => string | null;
  /** The same path without symbolic links, as far as it is there. */
  readonly realPath: (path: string) => string;
  /** Whether a socketmap answers a query; see policy-maps.ts. */
  readonly answers: (instance: PostfixInstance, map: string) => boolean;
  readonly zoneTells: PolicyPlugins['zoneTells'];
}

export interface SetupPlan extends PlanPart {
  /** Where the collector's socket is to be. */
  readonly socketPath: string;
}

const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;

export function planSetup(host: FoundHost): SetupPlan {
  refuseWithoutTlsrpt(host.instances[0]);
  const socketPath = chooseSocketPath(host.instances, host.socket.path);
  const parts = [
    planDirectories(dirname(socketPath), {
      ...host,
      postfixUser: host.instances[0].user,
      owner: host.socket.isOfUnit ? 'root' : host.collectorUser,
    }),
    planSocket(socketPath, host),
    { wanted: [], notes: planMaking(socketPath, host) },
    ...host.instances.map((instance) => planInstance(instance, socketPath, host)),
  ];
  return {
    socketPath,
    wanted: parts.flatMap(({ wanted }) => wanted),
    notes: parts.flatMap(({ notes }) => notes),
  };
}

/** All instances are of one version. */
function refuseWithoutTlsrpt({ version, parameters }: PostfixInstance): void {
  if (parameters['smtp_tlsrpt_enable'] !== undefined) return;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < 3 || (major === 3 && minor < 10);
  throw new Problem(
    'postfix-without-tlsrpt',
    isOld
      ? `Postfix ${version} cannot report: that takes Postfix 3.10 or later, as Debian 13 has it.`
      : `Postfix ${version} was built without TLSRPT (postconf does not know smtp_tlsrpt_enable). Install one that was built with libtlsrpt.`,
  );
}

/** Moves the socket, or lets Postfix's group write to it, where that is not so yet. */
function planSocket(path: string, { socket, postfixGroup: group, configurationFile }: FoundHost): PlanPart {
  const isOpen = (socket.mode & OTHERS_WRITE) !== 0;
  const isOfGroup = socket.group === group && (socket.mode & GROUP_WRITES) !== 0;
  const isRight = isOpen || isOfGroup;
  const isDone = socket.path === path && isRight;
  const mode = socket.mode | GROUP_WRITES;
  if (socket.isOfUnit)
    return { wanted: [...(isDone ? [] : [socketDropIn({ path, group, mode })]), runningCollector], notes: [] };
  if (isDone) return { wanted: [], notes: [] };
  const setting = (key: string, value: string): Wanted => ({
    place: { kind: 'setting', file: configurationFile, key: `collect.${key}` },
    value,
  });
  return {
    wanted: [
      ...(socket.path === path ? [] : [setting('socket', path)]),
      ...(isRight || socket.group === group ? [] : [setting('socket_group', group)]),
      ...(isRight || mode === socket.mode ? [] : [setting('socket_mode', mode.toString(8).padStart(4, '0'))]),
    ],
    notes: ['The collector reads its settings when it starts: start it anew.'],
  };
}

function planInstance(instance: PostfixInstance, socketPath: string, host: FoundHost): PlanPart {
  const { configDirectory, parameters, clients } = instance;
  if (clients.length === 0)
    return {
      wanted: [],
      notes: [`${configDirectory}: master.cf has no service that runs smtp(8), so there is nothing to report.`],
    };
  const route = routeTo(socketPath, instance);
  const mount = planMount(route.mountPoint, dirname(socketPath), host);
  const advice = advisePolicyMaps(instance, { ...host, answers: (map) => host.answers(instance, map) });
  const set = (name: string, value: string): Wanted => ({ place: { kind: 'parameter', configDirectory, name }, value });
  const changed = [
    ...(advice.value === undefined ? [] : [set('smtp_tls_policy_maps', advice.value)]),
    ...(leadsThere(route, socketPath, instance) ? [] : [set('smtp_tlsrpt_socket_name', route.name)]),
    ...(parameters['smtp_tlsrpt_enable'] === 'yes' ? [] : [set('smtp_tlsrpt_enable', 'yes')]),
  ];
  return {
    wanted: [...mount.wanted, ...changed],
    notes: [
      ...mount.notes,
      ...advice.notes,
      ...(changed.length > 0 ? linkNotes(instance) : []),
      ...settingNotes(instance),
    ],
  };
}

/** What manages that file may take a change back. */
function linkNotes({ configDirectory, mainCf }: PostfixInstance): string[] {
  if (mainCf === join(configDirectory, 'main.cf')) return [];
  return [`${configDirectory}: main.cf is a symbolic link, and is changed where that leads: ${mainCf}.`];
}

/**
 * An instance with a queue directory of its own, in which its smtp(8) is locked up, sees the socket through a mount. systemd mounts nothing behind a
 * symbolic link.
 */
function planMount(seenAt: string | undefined, directory: string, host: FoundHost): PlanPart {
  if (seenAt === undefined) return { wanted: [], notes: [] };
  const mountPoint = host.realPath(seenAt);
  if (host.hasSystemd && isPlainPath(mountPoint) && isPlainPath(directory))
    return {
      wanted: [...planMissing(mountPoint, host.directoryAt), bindMount(directory, mountPoint)],
      notes: [],
    };
  return {
    wanted: [],
    notes: [
      `${mountPoint} must show what is in ${directory}, since smtp(8) of this instance is chrooted and sees nothing else: ` +
        `add "${directory} ${mountPoint} none bind 0 0" to /etc/fstab, make the directory, and mount it.`,
    ],
  };
}

/** What keeps an instance from reporting and is for its administrator to decide. */
function settingNotes({ configDirectory, parameters, clients }: PostfixInstance): string[] {
  const usesNoTls = !clients.some((client) => usesTls(client, parameters));
  const usesNoDns = parameters['smtp_dns_support_level'] === 'disabled' || parameters['disable_dns_lookups'] === 'yes';
  return [
    ...(usesNoTls
      ? [
          `${configDirectory}: Postfix uses no TLS when it sends (smtp_tls_security_level), so there is nothing to report. Set it to may, or to dane.`,
        ]
      : []),
    ...(usesNoDns
      ? [
          `${configDirectory}: DNS is off (smtp_dns_support_level), so Postfix cannot look up who wants reports. Turn it on.`,
        ]
      : []),
    ...clients.flatMap(({ service, overrides }) =>
      Object.entries(overrides)
        .filter(([name]) => ['smtp_tlsrpt_enable', 'smtp_tlsrpt_socket_name'].includes(name))
        .map(
          ([name, value]) =>
            `${configDirectory}: master.cf sets ${name} = ${value} for ${service}, whatever main.cf says. Remove that unless it is meant.`,
        ),
    ),
  ];
}

/** Without a level, what came before there were levels has its say (postconf(5), smtp_use_tls). */
function usesTls({ overrides }: SmtpClient, parameters: PostfixInstance['parameters']): boolean {
  const valueOf = (name: string): string => overrides[name] ?? parameters[name] ?? '';
  if (valueOf('smtp_tls_policy_maps') !== '') return true;
  const level = valueOf('smtp_tls_security_level');
  if (level !== '') return level !== 'none';
  return [valueOf('smtp_use_tls'), valueOf('smtp_enforce_tls')].includes('yes') || valueOf('smtp_tls_per_site') !== '';
}

/**
 * Whether a collector that makes its socket itself can do so: it needs to write in the directory, and to be in the group to which the socket is given. What
 * it lacks is for the administrator to give.
 */
import { dirname } from 'node:path';

interface Facts {
  readonly socket: { readonly mode: number; readonly isOfUnit: boolean };
  readonly collectorUser: string;
  readonly collectorGroups: readonly string[];
  readonly postfixGroup: string;
  /** As a place of that kind reads; null when there is no such directory. */
  readonly directoryAt: (path: string) => string | null;
  readonly socketGroupAt: (path: string) => string | undefined;
}

const [GROUP_WRITES, OTHERS_WRITE] = [0o020, 0o002];

/** `path` is where the socket is to be. One that is there already was made somehow. */
export function planMaking(path: string, facts: Facts): string[] {
  const { socket, collectorUser: user, collectorGroups, postfixGroup: group, directoryAt, socketGroupAt } = facts;
  if (socket.isOfUnit || user === 'root' || socketGroupAt(path) === group) return [];
  const directory = dirname(path);
  const isOpen = (socket.mode & OTHERS_WRITE) !== 0;
  return [
    ...(isOpen || collectorGroups.includes(group)
      ? []
      : [
          `User ${user}, as whom the collector runs, is not in group ${group}, to which its socket has to be given: ` +
            `usermod -a -G ${group} ${user}, and start the collector anew.`,
        ]),
    ...(isWritable(directoryAt(directory), facts)
      ? []
      : [
          `User ${user}, as whom the collector runs, cannot make its socket in ${directory}: chown ${user} ${directory}`,
        ]),
  ];
}

/** One that is missing is made so that it is. */
function isWritable(directory: string | null, { collectorUser, collectorGroups }: Facts): boolean {
  const [, user, group = '', mode = ''] = /^([^:]+):(\S+) (\d+)$/.exec(directory ?? '') ?? [];
  if (user === undefined || user === collectorUser) return true;
  const bit = collectorGroups.includes(group) ? GROUP_WRITES : OTHERS_WRITE;
  return (parseInt(mode, 8) & bit) !== 0;
}

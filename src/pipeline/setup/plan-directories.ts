/**
 * The directory of the socket: smtp(8) must be able to pass through it, and nobody else need.
 */
import { dirname } from 'node:path';
import type { PlanPart, Wanted } from './place.ts';

interface Surroundings {
  readonly postfixUser: string;
  readonly postfixGroup: string;
  /** Who makes the socket in it. */
  readonly owner: string;
  /** As a place of that kind reads; null when there is no such directory. */
  readonly directoryAt: (path: string) => string | null;
}

interface Access {
  readonly user: string;
  readonly group: string;
  readonly mode: number;
}

const [OWNER_SEARCHES, GROUP_SEARCHES, OTHERS_SEARCH] = [0o100, 0o010, 0o001];
const BY_GROUP = 0o750;

export function planDirectories(directory: string, surroundings: Surroundings): PlanPart {
  const { directoryAt, postfixGroup, owner } = surroundings;
  const found = accessOf(directoryAt(directory));
  if (!found) {
    const own = wanted(directory, { user: owner, group: postfixGroup, mode: BY_GROUP });
    return { wanted: [...planMissing(dirname(directory), directoryAt), own], notes: [] };
  }
  if (isPassable(found, surroundings)) return { wanted: [], notes: [] };
  const { user, mode } = found;
  if (['root', owner].includes(user))
    return { wanted: [wanted(directory, { user, group: postfixGroup, mode: mode | GROUP_SEARCHES })], notes: [] };
  const note = `${directory} belongs to ${user}, and smtp(8) cannot pass through it. Choose another directory for the socket (collect.socket).`;
  return { wanted: [], notes: [note] };
}

/** The directory and those above it that are missing, from the top. */
export function planMissing(directory: string, directoryAt: Surroundings['directoryAt']): Wanted[] {
  if (directoryAt(directory) !== null || dirname(directory) === directory) return [];
  const own = wanted(directory, { user: 'root', group: 'root', mode: 0o755 });
  return [...planMissing(dirname(directory), directoryAt), own];
}

function isPassable({ user, group, mode }: Access, { postfixUser, postfixGroup }: Surroundings): boolean {
  const passes = (bit: number): boolean => (mode & bit) !== 0;
  return (
    passes(OTHERS_SEARCH) ||
    (group === postfixGroup && passes(GROUP_SEARCHES)) ||
    (user === postfixUser && passes(OWNER_SEARCHES))
  );
}

function wanted(path: string, { user, group, mode }: Access): Wanted {
  return {
    place: { kind: 'directory', path },
    value: `${user}:${group} ${mode.toString(8).padStart(4, '0')}`,
  };
}

function accessOf(text: string | null): Access | undefined {
  const [, user = '', group = '', mode] = /^([^:]+):(\S+) (\d+)$/.exec(text ?? '') ?? [];
  return mode === undefined ? undefined : { user, group, mode: parseInt(mode, 8) };
}

/**
 * The directory of the socket: smtp(8) must be able to pass through it, the collector to see whether the socket is still there, and nobody
 * else need.
 */
import { dirname } from 'node:path';
import type { PlanPart, Wanted } from './place.ts';

interface Surroundings {
  readonly postfixUser: string;
  readonly postfixGroup: string;
  readonly collectorUser: string;
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
    const made = { user: owner, group: postfixGroup, mode: BY_GROUP };
    return {
      wanted: [...planMissing(dirname(directory), directoryAt), wanted(directory, opened(made, surroundings))],
      notes: [],
    };
  }
  const open = opened(found, surroundings);
  if (open.mode === found.mode && open.group === found.group) return { wanted: [], notes: [] };
  if (['root', owner].includes(found.user)) return { wanted: [wanted(directory, open)], notes: [] };
  if (isPassable(found, surroundings)) return { wanted: [], notes: [] };
  const note = `${directory} belongs to ${found.user}, and smtp(8) cannot pass through it. Choose another directory for the socket (collect.socket).`;
  return { wanted: [], notes: [note] };
}

/** The directory and those above it that are missing, from the top. */
export function planMissing(directory: string, directoryAt: Surroundings['directoryAt']): Wanted[] {
  if (directoryAt(directory) !== null || dirname(directory) === directory) return [];
  const own = wanted(directory, { user: 'root', group: 'root', mode: 0o755 });
  return [...planMissing(dirname(directory), directoryAt), own];
}

/** The same directory with no more rights than both need. */
function opened(found: Access, surroundings: Surroundings): Access {
  const { postfixGroup, collectorUser } = surroundings;
  const passable = isPassable(found, surroundings)
    ? found
    : { ...found, group: postfixGroup, mode: found.mode | GROUP_SEARCHES };
  const isSeen = collectorUser === 'root' || passes(passable, OTHERS_SEARCH) || isSearchedBy(passable, collectorUser);
  return isSeen ? passable : { ...passable, mode: passable.mode | OTHERS_SEARCH };
}

function isPassable(access: Access, { postfixUser, postfixGroup }: Surroundings): boolean {
  return (
    passes(access, OTHERS_SEARCH) ||
    (access.group === postfixGroup && passes(access, GROUP_SEARCHES)) ||
    isSearchedBy(access, postfixUser)
  );
}

function isSearchedBy(access: Access, user: string): boolean {
  return access.user === user && passes(access, OWNER_SEARCHES);
}

function passes({ mode }: Access, bit: number): boolean {
  return (mode & bit) !== 0;
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

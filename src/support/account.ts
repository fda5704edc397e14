/**
 * The numbers of users and groups, as the system knows them by name, whatever service that asks.
 */
import { attemptToLoad, loadKoffi } from './native-library.ts';
import { Problem } from './problem.ts';

export interface Account {
  readonly name: string;
  readonly groupId: number;
  readonly home: string;
}

/** Undefined for a name that the system does not know. A number stands for itself. */
export function userIdOf(name: string): number | undefined {
  return idOf(name, 'getpwnam');
}

export function groupIdOf(name: string): number | undefined {
  return idOf(name, 'getgrnam');
}

/** Undefined for a number that the system has no user for, and where it cannot be asked. */
export function accountOf(userId: number): Account | undefined {
  const koffi = attemptToLoad();
  if (koffi instanceof Problem) return undefined;
  const found = (koffi.load(null).func('void *getpwuid(uint32_t id)') as (id: number) => unknown)(userId);
  if (found === null) return undefined;
  const textAt = (offset: number): string => String(koffi.decode(found, offset, 'const char *'));
  const groupId = koffi.decode(found, GROUP_OFFSET, 'uint32_t') as number;
  return { name: textAt(0), groupId, home: textAt(HOME_OFFSET) };
}

function idOf(name: string, lookup: 'getpwnam' | 'getgrnam'): number | undefined {
  if (/^\d+$/.test(name)) return Number(name);
  const koffi = loadKoffi();
  const call = koffi.load(null).func(`void *${lookup}(const char *name)`) as (name: string) => unknown;
  const found = call(name);
  // struct passwd and struct group begin alike: name, password, number.
  return found === null ? undefined : (koffi.decode(found, ID_OFFSET, 'uint32_t') as number);
}

const ID_OFFSET = 16;
/** Of struct passwd: name, password, number, group, description, home. */
const GROUP_OFFSET = 20;
const HOME_OFFSET = 32;

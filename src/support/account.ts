/**
 * The numbers of users and groups, as the system knows them by name, whatever service that asks.
 */
import { loadKoffi } from './native-library.ts';

/** Undefined for a name that the system does not know. A number stands for itself. */
export function userIdOf(name: string): number | undefined {
  return idOf(name, 'getpwnam');
}

export function groupIdOf(name: string): number | undefined {
  return idOf(name, 'getgrnam');
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

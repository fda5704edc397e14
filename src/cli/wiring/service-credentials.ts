/**
 * The credentials that systemd gives to our services, for runs by hand: root finds them where systemd does, also after it has become the owner
 * of the state directory.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The package's units name them so. Root alone can look into the directory. */
const OF_SERVICES = '/etc/credstore/tlsrpt.';
/** By path. */
const remembered = new Map<string, string>();

/** To be called by a process that is about to give up root. `prefix` is the beginning of their paths. */
export function rememberCredentials(prefix = OF_SERVICES): void {
  const directory = dirname(prefix);
  for (const name of ifPossible(() => readdirSync(directory)) ?? []) {
    const path = join(directory, name);
    const content = name.startsWith(basename(prefix)) ? ifPossible(() => readFileSync(path, 'utf8')) : undefined;
    if (content !== undefined) remembered.set(path, content);
  }
}

/** Where the credential of this name is; undefined when there is none, or we may not look. */
export function serviceCredential(name: string, prefix = OF_SERVICES): string | undefined {
  const path = `${prefix}${name}`;
  return remembered.has(path) || existsSync(path) ? path : undefined;
}

export function rememberedContent(path: string): string | undefined {
  return remembered.get(path);
}

/** What cannot be read is as good as not there: whoever needs it says so. */
function ifPossible<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

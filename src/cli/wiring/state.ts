/**
 * Where the state directory is, and as whom this process works on it.
 *
 * Problems: state-directory-missing, wrong-user.
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Store } from '#store/store.ts';
import { Problem } from '#support/problem.ts';
import type { Invocation } from '#cli/command.ts';
import { actAsOwner } from './owner.ts';

const SYSTEM_STATE = '/var/lib/tlsrpt';

type Surroundings = Pick<Invocation, 'settings' | 'environment'>;

export function statePathOf({ settings, environment }: Surroundings): string {
  return settings.stateDir ?? defaultPath(environment);
}

/** For a command that makes the state directory when there is none. */
export function openStore(invocation: Invocation): Promise<Store> {
  const path = statePathOf(invocation);
  actAsOwner(path, invocation.log);
  return Store.open(path);
}

/** For a command that has nothing to say when there is none: it is looked for in the wrong place. */
export async function openExistingStore(invocation: Invocation): Promise<Store> {
  return requireExisting(await openStore(invocation));
}

export function requireExisting(store: Store): Store {
  if (store.exists) return store;
  const what = existsSync(store.path)
    ? `${store.path} is not a directory.`
    : `There is no state directory ${store.path}.`;
  throw new Problem(
    'state-directory-missing',
    `${what} The collector makes the state directory when it first starts; if it is elsewhere, set state_dir (--state-dir).`,
  );
}

/** The system's where it is or can be made, also for a user who may not read it and must hear so; else the user's own. */
function defaultPath(environment: Invocation['environment']): string {
  if (existsSync(SYSTEM_STATE) || isWritable(dirname(SYSTEM_STATE))) return SYSTEM_STATE;
  const userState = environment['XDG_STATE_HOME'] ?? '';
  return join(userState === '' ? join(homedir(), '.local/state') : userState, 'tlsrpt');
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

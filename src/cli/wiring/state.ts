/**
 * Where the state directory is.
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Store } from '#store/store.ts';
import type { Invocation } from '#cli/command.ts';

const SYSTEM_STATE = '/var/lib/tlsrpt';

type Surroundings = Pick<Invocation, 'settings' | 'environment'>;

export function statePathOf({ settings, environment }: Surroundings): string {
  return settings.stateDir ?? defaultPath(environment);
}

export function openStore(surroundings: Surroundings): Promise<Store> {
  return Store.open(statePathOf(surroundings));
}

/** The system's where it is or can be made, also for a user who may not read it and must be told so; else the user's own. */
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

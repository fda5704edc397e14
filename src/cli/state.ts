/**
 * Where the state directory is.
 */
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { StateDirectory } from '#store/state-directory.ts';
import type { Invocation } from './command.ts';

const SYSTEM_STATE = '/var/lib/tlsrpt';

export function stateDirectoryOf({
  settings,
  environment,
}: Pick<Invocation, 'settings' | 'environment'>): StateDirectory {
  return new StateDirectory(settings.stateDir ?? defaultPath(environment));
}

/** The system's when this user can write there or make it, else the user's own. */
function defaultPath(environment: Invocation['environment']): string {
  if (isWritable(SYSTEM_STATE) || isWritable(dirname(SYSTEM_STATE))) return SYSTEM_STATE;
  return join(environment['XDG_STATE_HOME'] ?? join(homedir(), '.local/state'), 'tlsrpt');
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

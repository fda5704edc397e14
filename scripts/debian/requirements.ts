/**
 * What this machine must have for a Debian system to be booted on it, and what is missing.
 */
import { execFileSync } from 'node:child_process';

/** Commands, and the Debian packages that bring them. */
const COMMANDS = {
  debootstrap: 'debootstrap',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  pivot_root: 'util-linux',
  ip: 'iproute2',
  lintian: 'lintian',
} as const;

/** In words, each with what to do; empty when all is there. */
export function missingRequirements(): string[] {
  const commands = Object.entries(COMMANDS).filter(([command]) => !works('sh', ['-c', `command -v ${command}`]));
  const missing = commands.map(([command, name]) => `the command ${command} (apt-get install ${name})`);
  if (process.geteuid?.() !== 0) return [...missing, 'root, for namespaces and debootstrap'];
  if (commands.length === 0 && !works('unshare', ['-n', '-m', '-p', '-f', '-u', '-i', '-C', 'true']))
    missing.push('namespaces: in a container it must be privileged (CAP_SYS_ADMIN)');
  return missing;
}

function works(command: string, words: readonly string[]): boolean {
  try {
    execFileSync(command, words, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

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
  const missing = missingCommands(COMMANDS);
  if (missing.length === 0 && !works('unshare', ['-n', '-m', '-p', '-f', '-u', '-i', '-C', 'true']))
    return ['namespaces: in a container it must be privileged (CAP_SYS_ADMIN)'];
  return missing;
}

/** The same of commands with their packages, and of root. */
export function missingCommands(packages: Readonly<Record<string, string>>): string[] {
  const commands = Object.entries(packages).filter(([command]) => !works('sh', ['-c', `command -v ${command}`]));
  const missing = commands.map(([command, name]) => `the command ${command} (apt-get install ${name})`);
  return process.geteuid?.() === 0 ? missing : [...missing, 'root, for namespaces and debootstrap'];
}

function works(command: string, words: readonly string[]): boolean {
  try {
    execFileSync(command, words, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * OpenSSH's sshd with a configuration and keys of its own, as the current user, on a free port of 127.0.0.1.
 *
 * Only processes that descend from the one started here are ever killed.
 */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort, killFamily } from './server-processes.ts';
import type { SftpServer, SftpServerWish } from './sftp-server.ts';

const SSHD = '/usr/sbin/sshd';

const MAX_STARTS = 5;

export async function startSshd({ directory, hostKeyTypes = ['ed25519'] }: SftpServerWish): Promise<SftpServer> {
  const hostKeyFiles = hostKeyTypes.map((type) => makeKey(type, join(directory, `host_${type}`)));
  const identityFile = makeKey('ed25519', join(directory, 'user_key'));
  copyFileSync(`${identityFile}.pub`, join(directory, 'authorized_keys'));
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const { sshd, port } = await startOnFreePort(directory, hostKeyFiles);
  return {
    port,
    user: userInfo().username,
    identityFile,
    hostKeys: hostKeyFiles.map((file) => publicKeyOf(file)),
    kill: () => killFamily(sshd),
  };
}

function makeKey(type: string, file: string): string {
  execFileSync('ssh-keygen', ['-q', '-t', type, ...(type === 'rsa' ? ['-b', '2048'] : []), '-N', '', '-f', file]);
  return file;
}

function publicKeyOf(file: string): string {
  return readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' ').trim();
}

/** Somebody else may take the port between looking and starting; then another one will do. */
async function startOnFreePort(
  directory: string,
  hostKeyFiles: readonly string[],
): Promise<{ sshd: ChildProcess; port: number }> {
  const complaints: string[] = [];
  for (let starts = 0; starts < MAX_STARTS; starts += 1) {
    const port = await freePort();
    const config = join(directory, 'sshd_config');
    writeFileSync(config, configFor(directory, port, hostKeyFiles));
    const sshd = spawn(SSHD, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    const complaint = await complaintBeforeListening(sshd);
    if (complaint === undefined) return { sshd, port };
    complaints.push(complaint);
  }
  throw new Error(`sshd does not start: ${complaints.join('\n')}`);
}

function configFor(directory: string, port: number, hostKeyFiles: readonly string[]): string {
  return [
    `Port ${String(port)}`,
    'ListenAddress 127.0.0.1',
    ...hostKeyFiles.map((file) => `HostKey ${file}`),
    `AuthorizedKeysFile ${join(directory, 'authorized_keys')}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'Subsystem sftp internal-sftp',
    '',
  ].join('\n');
}

/** What it says when it ends instead of listening. */
function complaintBeforeListening(sshd: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    let said = '';
    sshd.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('Server listening on')) resolve(undefined);
    });
    sshd.once('error', reject);
    sshd.once('exit', () => {
      resolve(said);
    });
  });
}

/**
 * The SFTP servers that the tests run against: ssh2's own on every machine, and OpenSSH's sshd as well where it is installed.
 */
import type { SftpServer, SftpServerWish } from './sftp-server.ts';
import { startSsh2Server } from './ssh2-server.ts';
import { has } from './real-parts.ts';
import { startSshd } from './sshd.ts';

export interface SftpServerKind {
  readonly name: string;
  readonly start: (wish: SftpServerWish) => Promise<SftpServer>;
}

export const sftpServers: readonly SftpServerKind[] = [
  { name: "ssh2's server", start: startSsh2Server },
  ...(has('sshd') ? [{ name: "OpenSSH's sshd", start: startSshd }] : []),
];

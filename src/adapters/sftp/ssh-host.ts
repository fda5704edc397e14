/**
 * What the SSH configuration says about a host: its real name, port, user, keys and known_hosts files (ssh_config(5)).
 *
 * `Host` and `Match` sections are followed, `Match exec` and `Include` are not: nothing is run, and no other file is read. A host behind
 * ProxyJump or ProxyCommand is refused, since going to it directly would not be what was asked for.
 */
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import SSHConfig from 'ssh-config';
import { errnoOf, messageOf } from '#support/problem.ts';
import type { HostAddress } from './known-hosts.ts';
import type { SftpLocation } from './parse-sftp-url.ts';
import { refused } from './sftp-options.ts';
import type { SftpFailure, SftpOptions } from './sftp-options.ts';

export interface SshHost extends HostAddress {
  readonly kind: 'host';
  readonly user: string;
  /** Private keys to try; some may not be there. */
  readonly identityFiles: readonly string[];
  readonly knownHostsFiles: readonly string[];
}

type Found = Readonly<Record<string, string | string[] | undefined>>;

const SSH_PORT = 22;
const MAX_PORT = 65_535;
const SYSTEM_CONFIG = '/etc/ssh/ssh_config';
const SYSTEM_KNOWN_HOSTS = '/etc/ssh/ssh_known_hosts';
const DEFAULT_IDENTITIES = ['id_ed25519', 'id_rsa'];

export function resolveSshHost(
  location: SftpLocation,
  options: Pick<SftpOptions, 'sshConfigFile' | 'knownHostsFile'> & { readonly home: string },
): SshHost | SftpFailure {
  const { sshConfigFile, home } = options;
  const files = sshConfigFile === undefined ? [join(home, '.ssh', 'config'), SYSTEM_CONFIG] : [sshConfigFile];
  try {
    const texts = files.map((file) => readConfig(file, file === sshConfigFile));
    const found = SSHConfig.parse(texts.join('\nHost *\n')).compute(location.host, {
      ignoreCase: true,
      matchExec: false,
    });
    return hostOf(location, found, options);
  } catch (error) {
    return refused(
      `the SSH configuration (${files.join(', ')}) cannot be used: ${messageOf(error)}`,
      'Mend it, or name another file with --ssh-config.',
    );
  }
}

function readConfig(file: string, mustExist: boolean): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' && !mustExist) return '';
    throw error;
  }
}

function hostOf(
  location: SftpLocation,
  found: Found,
  { home, knownHostsFile }: { readonly home: string; readonly knownHostsFile?: string },
): SshHost | SftpFailure {
  const proxy = ['proxyjump', 'proxycommand'].find((name) => ![undefined, 'none'].includes(first(found[name])));
  if (proxy !== undefined) return throughProxy(location.host);
  const expand = (text: string): string => expandTokens(text, { home, host: location.host });
  const identities = listOf(found['identityfile']).filter((file) => file !== 'none');
  const defaults = DEFAULT_IDENTITIES.map((name) => join(home, '.ssh', name));
  const knownHosts = listOf(found['userknownhostsfile']).filter((file) => file !== 'none');
  const userKnownHosts = knownHosts.length > 0 ? knownHosts.map(expand) : [join(home, '.ssh', 'known_hosts')];
  return {
    kind: 'host',
    user: location.user ?? first(found['user']) ?? userInfo().username,
    host: expand(first(found['hostname']) ?? location.host).toLowerCase(),
    port: location.port ?? portOf(first(found['port'])),
    identityFiles: identities.length > 0 ? identities.map(expand) : defaults,
    knownHostsFiles: knownHostsFile === undefined ? [...userKnownHosts, SYSTEM_KNOWN_HOSTS] : [knownHostsFile],
  };
}

function portOf(text = String(SSH_PORT)): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= MAX_PORT) return port;
  throw new Error('its Port is not a number from 1 to 65535');
}

function throughProxy(host: string): SftpFailure {
  return refused(
    `the SSH configuration reaches ${host} through another host (ProxyJump or ProxyCommand), which SFTP sources cannot`,
    `Name a command instead, which ssh itself runs there: ssh ${host} tlsrpt fetch --serve`,
  );
}

/** `~/`, and the tokens that make sense here (ssh_config(5), TOKENS). */
function expandTokens(text: string, { home, host }: { readonly home: string; readonly host: string }): string {
  const values: Readonly<Record<string, string>> = { '%d': home, '%h': host, '%%': '%' };
  return text.replace(/^~(?=\/)/, home).replace(/%./g, (token) => values[token] ?? token);
}

function listOf(value: string | string[] | undefined): string[] {
  return value === undefined ? [] : [value].flat();
}

function first(value: string | string[] | undefined): string | undefined {
  return listOf(value)[0];
}

/**
 * Checks that a server is the host it is taken for: its key has to be in a known_hosts file, as with ssh and StrictHostKeyChecking.
 *
 * The files are read for each connection. Nothing is ever added to them; the advice says how the operator does that.
 */
import { readFileSync } from 'node:fs';
import { errnoOf, messageOf } from '#support/problem.ts';
import { fingerprintOf, judgeHostKey, knownKeyTypes, nameOf, parseKnownHosts } from './known-hosts.ts';
import type { HostAddress, HostKeyVerdict, KnownHost } from './known-hosts.ts';
import { refused } from './sftp-options.ts';
import type { SftpFailure } from './sftp-options.ts';

export interface HostKeyCheck {
  /** Signature algorithms for the server's key, in the order of preference. */
  readonly algorithms: readonly HostKeyAlgorithm[];
  /** Whether the connection may go on. */
  readonly accepts: (key: Buffer) => boolean;
  /** Why the last key was not accepted. */
  readonly rejection: () => SftpFailure | undefined;
}

export type HostKeyAlgorithm = (typeof ALGORITHMS)[number];

/** Without ssh-rsa and ssh-dss, which sign with SHA-1. */
const ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;

export function loadHostKeyCheck(address: HostAddress, files: readonly string[]): HostKeyCheck | SftpFailure {
  const knownHosts: KnownHost[] = [];
  for (const file of files) {
    const content = readKnownHosts(file);
    if (!Array.isArray(content)) return content;
    knownHosts.push(...content);
  }
  return hostKeyCheck(address, knownHosts, files[0] ?? 'known_hosts');
}

function hostKeyCheck(address: HostAddress, knownHosts: readonly KnownHost[], file: string): HostKeyCheck {
  let rejection: SftpFailure | undefined;
  return {
    algorithms: preferred(knownKeyTypes(knownHosts, address)),
    accepts: (key) => {
      const verdict = judgeHostKey(knownHosts, address, key);
      rejection = verdict === 'known' ? undefined : rejectionOf(verdict, { address, key, file });
      return verdict === 'known';
    },
    rejection: () => rejection,
  };
}

/** A host with keys of several types shall show one that is known; like OpenSSH, these come first, and the others still stand. */
function preferred(knownTypes: readonly string[]): HostKeyAlgorithm[] {
  const isKnown = (algorithm: HostKeyAlgorithm): boolean => knownTypes.includes(keyTypeFor(algorithm));
  return [...ALGORITHMS.filter(isKnown), ...ALGORITHMS.filter((algorithm) => !isKnown(algorithm))];
}

/** RFC 8332 3: the newer signatures are made with the same ssh-rsa keys. */
function keyTypeFor(algorithm: HostKeyAlgorithm): string {
  return algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm;
}

interface Rejected {
  readonly address: HostAddress;
  readonly key: Buffer;
  readonly file: string;
}

function rejectionOf(verdict: Exclude<HostKeyVerdict, 'known'>, { address, key, file }: Rejected): SftpFailure {
  const fingerprint = fingerprintOf(key);
  const name = nameOf(address);
  const add = `ssh-keyscan -p ${String(address.port)} ${address.host} >> ${shellQuoted(file)}`;
  switch (verdict) {
    case 'unknown':
      return refused(
        `its host key, ${fingerprint}, is not known`,
        `Compare it with what ssh-keygen -lf says on ${address.host} itself, then add it: ${add}`,
      );
    case 'changed':
      return refused(
        `its host key, ${fingerprint}, is not the one it is known by; somebody may be in between`,
        `If the host has a new key, compare it with what ssh-keygen -lf says there, then replace it: ` +
          `ssh-keygen -R ${shellQuoted(name)} -f ${shellQuoted(file)} && ${add}`,
      );
    case 'revoked':
      return refused(
        `its host key, ${fingerprint}, is marked as revoked`,
        `Give the host a new key; do not trust this one.`,
      );
  }
}

function readKnownHosts(file: string): KnownHost[] | SftpFailure {
  try {
    return parseKnownHosts(readFileSync(file, 'utf8'));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    return refused(
      `${file} cannot be read: ${messageOf(error)}`,
      'Let this user read it, or name another file with --known-hosts.',
    );
  }
}

function shellQuoted(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

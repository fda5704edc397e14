/**
 * The keys to log in with: files first, then what an SSH agent holds. Read for each connection, and never shown.
 *
 * A key that is locked by a passphrase can only come from an agent: nobody is there to type it.
 */
import { readFileSync } from 'node:fs';
import ssh2 from 'ssh2';
import type { AnyAuthMethod, ParsedKey } from 'ssh2';
import { errnoOf, messageOf } from '#support/problem.ts';
import { refused } from './sftp-options.ts';
import type { SftpFailure } from './sftp-options.ts';

export interface LoginKeys {
  readonly kind: 'keys';
  /** In the order in which they are tried. */
  readonly methods: readonly AnyAuthMethod[];
  /** What is tried, for people. */
  readonly described: string;
}

export interface LoginPlaces {
  /** The one key to log in with, which has to be usable. */
  readonly identityFile: string | undefined;
  /** Otherwise those of these files that are. */
  readonly candidates: readonly string[];
  /** Empty for none. */
  readonly agentSocket: string;
}

type KeyReading =
  | { readonly kind: 'key'; readonly file: string; readonly key: ParsedKey }
  | { readonly kind: 'missing' | 'locked'; readonly file: string }
  | { readonly kind: 'unusable'; readonly file: string; readonly why: string };

export function loadLoginKeys(
  user: string,
  { identityFile, candidates, agentSocket }: LoginPlaces,
): LoginKeys | SftpFailure {
  const files = identityFile === undefined ? candidates : [identityFile];
  const readings = files.map(readKey);
  const agents = agentSocket === '' ? [] : [agentSocket];
  const fault = readings.find(({ kind }) => kind !== 'key' && !(kind === 'locked' && agents.length > 0));
  if (fault && identityFile !== undefined) return unusable(fault);
  const keys = readings.filter((reading) => reading.kind === 'key');
  if (keys.length + agents.length === 0) return noKey(readings);
  return {
    kind: 'keys',
    methods: [
      ...keys.map(({ key }): AnyAuthMethod => ({ type: 'publickey', username: user, key })),
      ...agents.map((agent): AnyAuthMethod => ({ type: 'agent', username: user, agent })),
    ],
    described: [...keys.map(({ file }) => file), ...agents.map(() => 'the SSH agent')].join(', '),
  };
}

function readKey(file: string): KeyReading {
  try {
    const key = ssh2.utils.parseKey(readFileSync(file));
    if (!(key instanceof Error)) {
      return key.isPrivateKey() ? { kind: 'key', file, key } : { kind: 'unusable', file, why: 'it is a public key' };
    }
    return /passphrase/i.test(key.message) ? { kind: 'locked', file } : { kind: 'unusable', file, why: key.message };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { kind: 'missing', file };
    return { kind: 'unusable', file, why: messageOf(error) };
  }
}

function noKey(readings: readonly KeyReading[]): SftpFailure {
  const present = readings.find(({ kind }) => kind !== 'missing');
  if (present) return unusable(present);
  return refused(
    `there is no key to log in with: no ${readings.map(({ file }) => file).join(', no ')}, and no SSH agent`,
    'Make one with ssh-keygen -t ed25519 and name it with --identity.',
  );
}

function unusable(reading: KeyReading): SftpFailure {
  return refused(
    `${reading.file} cannot be used to log in: ${whyUnusable(reading)}`,
    'Name a private key without a passphrase with --identity, or load it into an SSH agent and set SSH_AUTH_SOCK.',
  );
}

function whyUnusable(reading: KeyReading): string {
  switch (reading.kind) {
    case 'missing':
      return 'it is not there';
    case 'locked':
      return 'it is locked by a passphrase';
    case 'unusable':
      return reading.why;
    case 'key':
      return 'it was not tried';
  }
}

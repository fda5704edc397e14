/**
 * The known_hosts files of OpenSSH: which keys a host is known by (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT").
 *
 * Names may be plain, with wildcards, negated, in a comma-separated list, with a port in the form `[host]:port`, or hashed. A line that
 * cannot be read is passed over, as OpenSSH does. Certificates are not supported, so `@cert-authority` lines vouch for nobody.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export interface KnownHost {
  readonly marker: 'revoked' | 'cert-authority' | undefined;
  readonly patterns: readonly string[];
  readonly keyType: string;
  /** As on the wire (RFC 4253 6.6). */
  readonly key: Buffer;
}

export interface HostAddress {
  readonly host: string;
  readonly port: number;
}

/** `changed`: the host is known, but not by this key. */
export type HostKeyVerdict = 'known' | 'unknown' | 'changed' | 'revoked';

const SSH_PORT = 22;
const LINE = /^(?:@(?<marker>\S+)\s+)?(?<patterns>[^#@\s]\S*)\s+(?<keyType>\S+)\s+(?<encoded>\S+)/;

export function parseKnownHosts(text: string): KnownHost[] {
  return text.split(/\r?\n/).flatMap((line) => parseLine(line.trim()) ?? []);
}

export function judgeHostKey(knownHosts: readonly KnownHost[], address: HostAddress, key: Buffer): HostKeyVerdict {
  if (namesOf(address).some((name) => hasKey(entriesFor(knownHosts, name, 'revoked'), key))) return 'revoked';
  const entries = entriesFor(knownHosts, nameOf(address), undefined);
  if (hasKey(entries, key)) return 'known';
  if (entries.length > 0) return 'changed';
  // Like OpenSSH: a host that is known without its port is the same host on any of them.
  return hasKey(entriesFor(knownHosts, address.host, undefined), key) ? 'known' : 'unknown';
}

/** The types of the keys that the host is known by, in the order of the files. */
export function knownKeyTypes(knownHosts: readonly KnownHost[], address: HostAddress): string[] {
  const entries = namesOf(address).flatMap((name) => entriesFor(knownHosts, name, undefined));
  return [...new Set(entries.map(({ keyType }) => keyType))];
}

/** As ssh-keygen -l shows it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The name that a host goes by in these files. */
export function nameOf({ host, port }: HostAddress): string {
  return port === SSH_PORT ? host : `[${host}]:${String(port)}`;
}

function namesOf(address: HostAddress): string[] {
  return [...new Set([nameOf(address), address.host])];
}

function parseLine(line: string): KnownHost | undefined {
  const { marker, patterns = '', keyType = '', encoded = '' } = LINE.exec(line)?.groups ?? {};
  if (marker !== undefined && marker !== 'revoked' && marker !== 'cert-authority') return undefined;
  const key = Buffer.from(encoded, 'base64');
  return keyTypeOf(key) === keyType ? { marker, patterns: patterns.split(','), keyType, key } : undefined;
}

/** A key says itself what it is; undefined when it is not one. */
function keyTypeOf(key: Buffer): string | undefined {
  if (key.length < 4) return undefined;
  const end = 4 + key.readUInt32BE(0);
  return end <= key.length ? key.toString('latin1', 4, end) : undefined;
}

function hasKey(entries: readonly KnownHost[], key: Buffer): boolean {
  return entries.some((entry) => entry.key.equals(key));
}

function entriesFor(knownHosts: readonly KnownHost[], name: string, marker: KnownHost['marker']): KnownHost[] {
  return knownHosts.filter((entry) => entry.marker === marker && matchesHost(entry.patterns, name.toLowerCase()));
}

/** One negated pattern that matches outweighs all others. */
function matchesHost(patterns: readonly string[], name: string): boolean {
  const isNegated = (pattern: string): boolean => pattern.startsWith('!');
  if (patterns.some((pattern) => isNegated(pattern) && matchesPattern(pattern.slice(1), name))) return false;
  return patterns.some((pattern) => !isNegated(pattern) && matchesPattern(pattern, name));
}

function matchesPattern(pattern: string, name: string): boolean {
  return pattern.startsWith('|') ? matchesHash(pattern, name) : wildcard(pattern).test(name);
}

/** `|1|SALT|HMAC-SHA1(SALT, name)`, both in base64. */
function matchesHash(pattern: string, name: string): boolean {
  const [, version, salt = '', hash = ''] = pattern.split('|');
  if (version !== '1') return false;
  const expected = Buffer.from(hash, 'base64');
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function wildcard(pattern: string): RegExp {
  const source = pattern
    .toLowerCase()
    .replace(/[\\^$+.()|[\]{}]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}

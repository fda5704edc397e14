/**
 * Where the processes that ask a socketmap look for its socket, as root names the place.
 *
 * smtp(8) opens the socket itself, and for `proxy:` proxymap(8) does. Each works in the queue directory, which is its root where it is chrooted:
 * an absolute path is one below the queue directory then (master(5), chroot).
 */
import { join, resolve } from 'node:path';
import type { PostfixInstance, SmtpClient } from './postfix-instance.ts';

type Confinement = Pick<SmtpClient, 'isChrooted'>;

const POLICY_MAPS = 'smtp_tls_policy_maps';
const UNIX = /^((?:proxy:)?socketmap:unix:)([^\s:]+)(?=:)/;

/** Those that go by main.cf. Where master.cf has a word for every service, all of them: it could be taken out there. */
export function mainReaders({ clients }: PostfixInstance): readonly Confinement[] {
  const readers = clients.filter(({ overrides }) => overrides[POLICY_MAPS] === undefined);
  return readers.length > 0 ? readers : clients;
}

/** The map by each name that root has to ask it by; several where some of `readers` are chrooted and others are not. */
export function namesFromRoot(map: string, readers: readonly Confinement[], instance: PostfixInstance): string[] {
  const asking = map.startsWith('proxy:') ? [{ isChrooted: instance.isProxymapChrooted }] : readers;
  return [...new Set(asking.map((reader) => nameFromRoot(map, reader, instance)))];
}

/** Not of proxymap(8): that answers for no map that it is not told of, and one that is still to be asked is such. */
function nameFromRoot(map: string, { isChrooted }: Confinement, { queueDirectory }: PostfixInstance): string {
  const seen = map.replace(UNIX, (_, type: string, path: string) => {
    return `${type}${isChrooted ? join(queueDirectory, path) : resolve(queueDirectory, path)}`;
  });
  return seen.replace(/^proxy:/, '');
}

/**
 * Where the collector's socket has to be so that every smtp(8) reaches it, and by which name each instance knows it.
 *
 * A chrooted smtp(8) sees its queue directory as the root, one that is not works in the queue directory: so a path relative to that serves
 * both (postconf(5), smtp_tlsrpt_socket_name).
 */
import { basename, join, relative, resolve } from 'node:path';
import type { PostfixInstance } from './postfix-instance.ts';

/** Below the queue directory; not private/ or public/, which Postfix keeps for itself. */
const DIRECTORY = 'run/tlsrpt';
const NAME = 'tlsrpt.sock';

/** `current` is where the collector's socket is now, or will be: it stays there if it can be reached. */
export function chooseSocketPath(instances: readonly [PostfixInstance, ...PostfixInstance[]], current: string): string {
  if (instances.some((instance) => isBelow(current, instance.queueDirectory))) return current;
  if (!instances.some(isChrooted)) return current;
  return join(instances[0].queueDirectory, DIRECTORY, NAME);
}

/** How an instance gets to the socket at `path`. */
export interface SocketRoute {
  /** What smtp_tlsrpt_socket_name is to be. */
  readonly name: string;
  /** The directory in which that of the socket has to show up as well; undefined when the socket can be reached where it is. */
  readonly mountPoint: string | undefined;
}

export function routeTo(path: string, instance: PostfixInstance): SocketRoute {
  const { queueDirectory } = instance;
  if (isBelow(path, queueDirectory)) return { name: relative(queueDirectory, path), mountPoint: undefined };
  if (!isChrooted(instance)) return { name: path, mountPoint: undefined };
  return { name: join(DIRECTORY, basename(path)), mountPoint: join(queueDirectory, DIRECTORY) };
}

/** True when smtp_tlsrpt_socket_name says the same in other words already. */
export function leadsThere(route: SocketRoute, path: string, instance: PostfixInstance): boolean {
  const { queueDirectory, clients, parameters } = instance;
  const name = parameters['smtp_tlsrpt_socket_name'] ?? '';
  const target = route.mountPoint === undefined ? path : join(route.mountPoint, basename(path));
  if (clients.length === 0 || name === '') return false;
  return clients.every(
    (client) => (client.isChrooted ? join(queueDirectory, name) : resolve(queueDirectory, name)) === target,
  );
}

function isBelow(path: string, directory: string): boolean {
  return path.startsWith(directory.endsWith('/') ? directory : `${directory}/`);
}

function isChrooted({ clients }: PostfixInstance): boolean {
  return clients.some((client) => client.isChrooted);
}

/**
 * Whether smtp(8) can write to the collector's socket: every directory on the way lets it pass, and somebody receives.
 *
 * smtp(8) has the user and the group of mail_owner and no other groups: it gives up those that /etc/group adds (set_ugid() of Postfix).
 */
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';

export interface PathEntry {
  readonly path: string;
  readonly kind: 'directory' | 'socket' | 'other' | 'missing';
  readonly userId: number;
  readonly groupId: number;
  readonly mode: number;
}

export interface SocketFacts {
  /** From the root down to the socket. */
  readonly entries: readonly PathEntry[];
  /** As whom smtp(8) runs, and the name of the group for people. */
  readonly user: { readonly userId: number; readonly groupId: number; readonly group: string };
  /** Undefined when there is no socket. */
  readonly isReceivedOn: boolean | undefined;
}

const { ok, broken } = findingsOf('socket');
const [SEARCH, WRITE] = [0o1, 0o2];
const SET_UP = 'tlsrpt setup postfix --apply';

export function judgeSocket({ entries, user, isReceivedOn }: SocketFacts): Finding[] {
  const path = entries.at(-1)?.path ?? '';
  const trouble = entries.map((entry, index) => troubleWith(entry, index === entries.length - 1, user)).find(Boolean);
  if (trouble) return [trouble];
  if (isReceivedOn !== true)
    return [
      broken(`Nobody receives on ${path}.`, 'systemctl restart tlsrpt.socket tlsrpt.service, or start the collector'),
    ];
  return [ok(`Postfix can write to ${path}, and it is received on.`)];
}

function troubleWith(entry: PathEntry, isLast: boolean, user: SocketFacts['user']): Finding | undefined {
  const { path, kind } = entry;
  if (!isLast) return troubleWithDirectory(entry, user);
  if (kind === 'missing')
    return broken(
      `There is no socket ${path}.`,
      'systemctl start tlsrpt.socket tlsrpt.service, or start the collector',
    );
  if (kind !== 'socket') return broken(`${path} is not a socket.`, `remove it, and start the collector anew`);
  return may(entry, WRITE, user)
    ? undefined
    : broken(`Postfix may not write to ${path} (${octal(entry.mode)}).`, SET_UP);
}

function troubleWithDirectory(entry: PathEntry, user: SocketFacts['user']): Finding | undefined {
  const { path, kind, mode } = entry;
  if (kind === 'missing') return broken(`There is no directory ${path}.`, SET_UP);
  if (kind !== 'directory') return broken(`${path} is not a directory.`, `remove it, then ${SET_UP}`);
  if (may(entry, SEARCH, user)) return undefined;
  return broken(
    `Postfix may not pass through ${path} (${octal(mode)}).`,
    `chgrp ${user.group} ${path} && chmod g+x ${path}`,
  );
}

/** As the kernel decides it: the first of owner, group and others that fits. */
function may({ userId, groupId, mode }: PathEntry, right: number, user: SocketFacts['user']): boolean {
  const shift = userId === user.userId ? 6 : groupId === user.groupId ? 3 : 0;
  return ((mode >> shift) & right) !== 0;
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

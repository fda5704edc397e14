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
  /** True when the unit of the package makes the socket, with its group and mode. */
  readonly isOfUnit: boolean;
}

const { ok, broken } = findingsOf('socket');
const [SEARCH, WRITE] = [0o1, 0o2];
const SET_UP = 'tlsrpt setup postfix --apply';
/** Makes the socket anew, as the unit or the settings have it: whether those are right was looked at before. */
const restart = { ofUnit: 'systemctl restart tlsrpt.socket tlsrpt.service', byHand: 'start the collector anew' };

export function judgeSocket({ entries, user, isReceivedOn, isOfUnit }: SocketFacts): Finding[] {
  const last = entries.at(-1);
  const onTheWay = entries.slice(0, -1).map((entry) => troubleWithDirectory(entry, user));
  const what = last && troubleWithSocket(last, user, isReceivedOn);
  const found = onTheWay.find((finding) => finding !== undefined);
  if (found) return [found];
  if (what !== undefined) return [broken(what, isOfUnit ? restart.ofUnit : restart.byHand)];
  return [ok(`Postfix can write to ${last?.path ?? ''}, and it is received on.`)];
}

function troubleWithSocket(
  entry: PathEntry,
  user: SocketFacts['user'],
  isReceivedOn: boolean | undefined,
): string | undefined {
  const { path, kind, mode } = entry;
  if (kind === 'missing') return `There is no socket ${path}.`;
  if (kind !== 'socket') return `${path} is not a socket.`;
  if (!may(entry, WRITE, user)) return `Postfix may not write to ${path} (${octal(mode)}).`;
  return isReceivedOn === true ? undefined : `Nobody receives on ${path}.`;
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

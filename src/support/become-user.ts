/**
 * Gives up root for another user, for the rest of the process or for a moment: what it writes then belongs to whoever works with it, and it
 * can read no more than they can.
 *
 * The C library is asked first: Node.js refuses to where it was built so that it may use io_uring, whose threads would stay root (CVE-2024-22017;
 * Debian 13). It uses that for files only where UV_USE_IO_URING asks for it.
 */
import { accountOf } from './account.ts';
import type { Account } from './account.ts';
import { findLibc } from './libc.ts';
import type { Libc } from './libc.ts';
import { Problem } from './problem.ts';

/** What changes whose rights the process has. */
interface IdentityCalls {
  initgroups(user: string, groupId: number): void;
  setgroups(groupIds: readonly number[]): void;
  setgid(id: number): void;
  setuid(id: number): void;
  setegid(id: number): void;
  seteuid(id: number): void;
}

/** By name where the system knows one. */
export function userNameOf(userId: number): string {
  return accountOf(userId)?.name ?? String(userId);
}

export function currentUserName(): string {
  return userNameOf(process.geteuid?.() ?? 0);
}

/** The user's own groups where the system knows them, else `groupId` alone. Throws the system's error when it may not be done. */
export function becomeUser(userId: number, groupId: number): void {
  const account = accountOf(userId);
  const calls = identityCalls();
  takeGroups(calls, account, groupId);
  calls.setgid(account?.groupId ?? groupId);
  calls.setuid(userId);
  if (account) process.env['HOME'] = account.home;
}

/** What `act` returns as that user, whose rights this process has meanwhile. */
export function actingAs<T>(userId: number, groupId: number, act: () => T): T {
  const account = accountOf(userId);
  return actingWith(
    { userId, groupId: account?.groupId ?? groupId },
    (calls) => {
      takeGroups(calls, account, groupId);
    },
    act,
  );
}

/** The same with that group and no other, whatever groups the system knows of the user. */
export function actingWithGroup<T>(userId: number, groupId: number, act: () => T): T {
  return actingWith(
    { userId, groupId },
    (calls) => {
      calls.setgroups([groupId]);
    },
    act,
  );
}

function actingWith<T>(
  { userId, groupId }: { readonly userId: number; readonly groupId: number },
  takeGroups: (calls: IdentityCalls) => void,
  act: () => T,
): T {
  const calls = identityCalls();
  const becomeOneselfAgain = wayBack(calls);
  try {
    takeGroups(calls);
    calls.setegid(groupId);
    calls.seteuid(userId);
    return act();
  } finally {
    becomeOneselfAgain();
  }
}

function wayBack(calls: IdentityCalls): () => void {
  const [groups, groupId, userId] = [process.getgroups?.() ?? [], process.getegid?.() ?? 0, process.geteuid?.() ?? 0];
  return () => {
    calls.seteuid(userId);
    calls.setegid(groupId);
    calls.setgroups(groups);
  };
}

function takeGroups(calls: IdentityCalls, account: Account | undefined, groupId: number): void {
  if (account) calls.initgroups(account.name, account.groupId);
  else calls.setgroups([groupId]);
}

function identityCalls(): IdentityCalls {
  const isWithoutRing = (process.env['UV_USE_IO_URING'] ?? '0') === '0';
  const libc = isWithoutRing ? findLibc() : undefined;
  return libc === undefined || libc instanceof Problem ? callsOfNode : callsOf(libc);
}

function callsOf(libc: Libc): IdentityCalls {
  return {
    ...libc,
    setgroups: (groupIds) => libc.setgroups(groupIds.length, Buffer.from(Uint32Array.from(groupIds).buffer)),
  };
}

/** Node.js has it, its types do not. */
interface ProcessWithGroups extends NodeJS.Process {
  initgroups(user: string, extraGroup: number): void;
}

const callsOfNode: IdentityCalls = {
  initgroups: (user, groupId) => {
    (process as ProcessWithGroups).initgroups(user, groupId);
  },
  setgroups: (groupIds) => process.setgroups?.([...groupIds]),
  setgid: (id) => process.setgid?.(id),
  setuid: (id) => process.setuid?.(id),
  setegid: (id) => process.setegid?.(id),
  seteuid: (id) => process.seteuid?.(id),
};

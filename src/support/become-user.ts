/**
 * Gives up root for another user, for the rest of the process: what it writes then belongs to whoever works with it, and it can read no
 * more than they can.
 *
 * The C library is asked first: Node.js refuses to where it was built so that it may use io_uring, whose threads would stay root (CVE-2024-22017;
 * Debian 13). It uses that for files only where UV_USE_IO_URING asks for it.
 */
import { accountOf } from './account.ts';
import type { Account } from './account.ts';
import { findLibc } from './libc.ts';
import { Problem } from './problem.ts';

/** Node.js has it, its types do not. */
interface ProcessWithGroups extends NodeJS.Process {
  initgroups(user: string, extraGroup: number): void;
}

interface Identity {
  readonly userId: number;
  readonly groupId: number;
  readonly account: Account | undefined;
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
  const identity = { userId, groupId: account?.groupId ?? groupId, account };
  const isWithoutRing = (process.env['UV_USE_IO_URING'] ?? '0') === '0';
  if (!isWithoutRing || !becomeByLibrary(identity)) becomeByNode(identity);
  if (account) process.env['HOME'] = account.home;
}

/** False where the library cannot be called. */
function becomeByLibrary({ userId, groupId, account }: Identity): boolean {
  const libc = findLibc();
  if (libc instanceof Problem) return false;
  if (account) libc.initgroups(account.name, groupId);
  else libc.setgroups(1, Buffer.from(Uint32Array.of(groupId).buffer));
  libc.setgid(groupId);
  libc.setuid(userId);
  return true;
}

function becomeByNode({ userId, groupId, account }: Identity): void {
  if (account) (process as ProcessWithGroups).initgroups(account.name, groupId);
  else process.setgroups?.([groupId]);
  process.setgid?.(groupId);
  process.setuid?.(userId);
}

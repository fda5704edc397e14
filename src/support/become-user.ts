/**
 * Gives up root for another user, for the rest of the process or for a moment: what it writes then belongs to whoever works with it, and it
 * can read no more than they can.
 */
import { userInfo } from 'node:os';
import type { UserInfo } from 'node:os';

/** Node.js has it, its types do not. */
interface ProcessWithGroups extends NodeJS.Process {
  initgroups(user: string, extraGroup: number): void;
}

/** By name where the system knows one. */
export function userNameOf(userId: number): string {
  return accountOf(userId)?.username ?? String(userId);
}

export function currentUserName(): string {
  return userNameOf(process.geteuid?.() ?? 0);
}

/** The user's own groups where the system knows them, else `groupId` alone. Throws the system's error when it may not be done. */
export function becomeUser(userId: number, groupId: number): void {
  const account = accountOf(userId);
  takeGroups(account, groupId);
  process.setgid?.(account?.gid ?? groupId);
  process.setuid?.(userId);
  if (account) process.env['HOME'] = account.homedir;
}

/** What `act` returns as that user, whose rights this process has meanwhile. */
export function actingAs<T>(userId: number, groupId: number, act: () => T): T {
  const account = accountOf(userId);
  const becomeOneselfAgain = wayBack();
  try {
    takeGroups(account, groupId);
    process.setegid?.(account?.gid ?? groupId);
    process.seteuid?.(userId);
    return act();
  } finally {
    becomeOneselfAgain();
  }
}

function wayBack(): () => void {
  const [groups, groupId, userId] = [process.getgroups?.() ?? [], process.getegid?.() ?? 0, process.geteuid?.() ?? 0];
  return () => {
    process.seteuid?.(userId);
    process.setegid?.(groupId);
    process.setgroups?.(groups);
  };
}

function takeGroups(account: UserInfo<string> | undefined, groupId: number): void {
  if (account) (process as ProcessWithGroups).initgroups(account.username, account.gid);
  else process.setgroups?.([groupId]);
}

/** The system is asked about the effective user alone. */
function accountOf(userId: number): UserInfo<string> | undefined {
  const ownId = process.geteuid?.();
  if (ownId === undefined) return undefined;
  try {
    process.seteuid?.(userId);
    return userInfo();
  } catch {
    return undefined;
  } finally {
    process.seteuid?.(ownId);
  }
}

/**
 * Gives up root for another user, for the rest of the process: what it writes then belongs to whoever works with it, and it can read no
 * more than they can.
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
  const ownGroup = account?.gid ?? groupId;
  if (account) (process as ProcessWithGroups).initgroups(account.username, ownGroup);
  else process.setgroups?.([groupId]);
  process.setgid?.(ownGroup);
  process.setuid?.(userId);
  if (account) process.env['HOME'] = account.homedir;
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

/**
 * Gives up root for another user, for the rest of the process: what it writes then belongs to whoever works with it, and it can read no
 * more than they can.
 */
import { findLibc } from './libc.ts';
import { Problem } from './problem.ts';
import { readCommand } from './run-command.ts';

/** Node.js has it, its types do not. */
interface ProcessWithGroups extends NodeJS.Process {
  initgroups(user: string, extraGroup: number): void;
}

interface Account {
  readonly name: string;
  readonly groupId: number;
  readonly home: string;
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
  const calls = changingCalls();
  const ownGroup = account?.groupId ?? groupId;
  if (account) calls.initgroups(account.name, ownGroup);
  else calls.setgroups(groupId);
  calls.setgid(ownGroup);
  calls.setuid(userId);
  if (account) process.env['HOME'] = account.home;
}

interface ChangingCalls {
  initgroups(user: string, groupId: number): void;
  /** That group alone. */
  setgroups(groupId: number): void;
  setgid(groupId: number): void;
  setuid(userId: number): void;
}

/**
 * Those of Node.js; where it was built with the libuv of the system, as on Debian 13, it refuses them all, since what io_uring does would go on
 * being done as root. Those of the C library take their place once it is known that this libuv leaves io_uring alone.
 */
function changingCalls(): ChangingCalls {
  const own: ChangingCalls = {
    initgroups: (user, groupId) => {
      (process as ProcessWithGroups).initgroups(user, groupId);
    },
    setgroups: (groupId) => process.setgroups?.([groupId]),
    setgid: (groupId) => process.setgid?.(groupId),
    setuid: (userId) => process.setuid?.(userId),
  };
  const libc = refusesChanges() && !mayUseIoUring() ? findLibc() : undefined;
  return libc === undefined || libc instanceof Problem ? own : libc;
}

/** Tried with the user that it has. */
function refusesChanges(): boolean {
  try {
    process.setuid?.(process.getuid?.() ?? 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ERR_INVALID_STATE';
  }
}

/** libuv does since 1.45 without being asked, and since 1.49 only where it is. */
function mayUseIoUring(): boolean {
  const [major = 0, minor = 0] = process.versions.uv.split('.').map(Number);
  const isAsked = !['', '0'].includes(process.env['UV_USE_IO_URING'] ?? '');
  return isAsked || (major === 1 && minor >= 45 && minor < 49);
}

/** Whatever service of the system knows the user. */
function accountOf(userId: number): Account | undefined {
  const { exitCode, output } = readCommand('getent', ['passwd', String(userId)]);
  const [name = '', , , groupId, , home = ''] = output.trim().split(':');
  return exitCode !== 0 || groupId === undefined ? undefined : { name, groupId: Number(groupId), home };
}

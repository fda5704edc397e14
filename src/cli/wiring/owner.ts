/**
 * Keeps root from leaving files in a state directory of somebody else, who could not go on with them.
 *
 * Problems: wrong-user.
 */
import { statSync } from 'node:fs';
import type { Log } from '#events/event.ts';
import { actingAsOwner } from '#events/store-events.ts';
import { actingAs, becomeUser, userNameOf } from '#support/become-user.ts';
import { errnoOf, messageOf, Problem } from '#support/problem.ts';
import { rememberCredentials } from './service-credentials.ts';

export interface Owner {
  readonly userId: number;
  readonly groupId: number;
}

const ROOT = 0;

/** A process that is root and works in somebody else's directory becomes that user. To be called before anything is opened there. */
export function actAsOwner(directory: string, log: Log): void {
  const owner = strangerWhoOwns(directory);
  if (!owner) return;
  const user = userNameOf(owner.userId);
  rememberCredentials();
  try {
    becomeUser(owner.userId, owner.groupId);
  } catch (error) {
    throw refusedToActAs(directory, user, error);
  }
  log(actingAsOwner(directory, user));
}

/** For what must be known before: what `act` finds as the user that `actAsOwner` will make of this process. */
export function asOwner<T>(directory: string, act: () => T): T {
  const owner = strangerWhoOwns(directory);
  if (!owner) return act();
  try {
    return actingAs(owner.userId, owner.groupId, act);
  } catch (error) {
    if (error instanceof Problem) throw error;
    throw refusedToActAs(directory, userNameOf(owner.userId), error);
  }
}

/**
 * For the daemon, which does not change its user: where its socket is, and whose that and its group are to be, was set up for whoever starts
 * it, and would fail later or differently as somebody else.
 */
export function refuseUnlessOwner(directory: string): void {
  const owner = strangerWhoOwns(directory);
  if (owner) throw wrongUser(directory, userNameOf(owner.userId), 'who could not go on with what root writes there');
}

function refusedToActAs(directory: string, user: string, error: unknown): Problem {
  return wrongUser(directory, user, `and root may not act as that user here (${messageOf(error)})`);
}

/** As whom this process is to work there, when it is root and that is somebody else. Undefined for everybody but root: whom the system lets do less needs no help. */
export function strangerWhoOwns(directory: string): Owner | undefined {
  if (process.geteuid?.() !== ROOT) return undefined;
  try {
    const stats = statSync(directory, { throwIfNoEntry: false });
    return stats && stats.uid !== ROOT ? { userId: stats.uid, groupId: stats.gid } : undefined;
  } catch (error) {
    throw readProblem(directory, error);
  }
}

function readProblem(directory: string, error: unknown): unknown {
  if (errnoOf(error) === undefined) return error;
  return new Problem(
    'store-not-readable',
    `${directory} cannot be read: ${messageOf(error)}. Check its path (--state-dir).`,
    {
      cause: error,
    },
  );
}

function wrongUser(directory: string, user: string, why: string): Problem {
  return new Problem(
    'wrong-user',
    `${directory} belongs to user ${user}, ${why}. Run: runuser -u ${user} -- tlsrpt ${process.argv.slice(2, 3).join('')}`,
  );
}

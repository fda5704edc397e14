/**
 * Refuses to move what sys4's programs still write to, or what cannot be read, before anything is written. Where nothing is to be written at all it
 * only says that they still run: what is to be moved is looked at while they work.
 *
 * Problems: foreign-program-running, foreign-database-unreadable.
 */
import { foreignProgramRunning } from '#events/move-events.ts';
import { Store } from '#store/store.ts';
import { Problem } from '#support/problem.ts';
import type { Sys4Installation } from '#sys4/move/installation.ts';
import type { Invocation } from '#cli/command.ts';
import { checkSys4Databases } from './open-sys4-databases.ts';
import { asOwner } from './owner.ts';
import { statePathOf } from './state.ts';
import { sys4ProgramsUsing } from './sys4-programs.ts';

export async function checkSys4Installation(
  installation: Sys4Installation,
  invocation: Invocation,
  dryRun: boolean,
): Promise<void> {
  const users = usersOf(installation).join(', ');
  if (users !== '' && dryRun) invocation.log(foreignProgramRunning(users));
  else if (users !== '') throw stillInUse(users);
  await refuseUnreadable(installation, invocation);
}

/** What they go on writing would be missing here. */
function usersOf({ collected, reportd }: Sys4Installation): string[] {
  return sys4ProgramsUsing([...collected, ...(reportd === undefined ? [] : [reportd])]);
}

function stillInUse(users: string): Problem {
  return new Problem(
    'foreign-program-running',
    `Still in use: ${users}. Stop tlsrpt-collectd and tlsrpt-reportd, begin tlsrpt collect, and run this again.`,
  );
}

/** As they will be read: by the user whom the state directory belongs to. */
async function refuseUnreadable(installation: Sys4Installation, invocation: Invocation): Promise<void> {
  const path = statePathOf(invocation);
  const store = await Store.open(path);
  asOwner(path, () => {
    checkSys4Databases(store, installation);
  });
}

/**
 * Says what of other hosts' days is left out of everything that a command reads, once for each command.
 */
import type { Log } from '#events/event.ts';
import { fetchedLeftOut } from '#events/store-events.ts';
import type { Store } from '#store/store.ts';

export function tellLeftOut({ fetched }: Store, log: Log): void {
  for (const { message } of fetched.leftOut()) log(fetchedLeftOut(message));
}

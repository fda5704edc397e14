/**
 * What is known about reporting addresses, for those who want to read it, and those who have something to add.
 *
 * It is locked while something is added, and no longer, so whoever finds it locked waits a moment for its turn.
 * Problems: store-locked, store-damaged, disk-full.
 */
import { changeOnce } from './change-once.ts';
import { Destinations, readDestinations, readSuppressions } from './destinations.ts';
import type { DestinationsContent, Suppression } from './destinations.ts';
import { databasePaths } from './durable/database-file.ts';
import { inTurn } from './in-turn.ts';
import type { StoreContext } from './store-context.ts';
import { reading } from './store-problem.ts';

export class KnownDestinations {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  read(): DestinationsContent {
    return readDestinations(this.#context, this.#context.state.destinationsStem);
  }

  /** As in `read`, which takes longer the more addresses there are. */
  suppressions(): Suppression[] {
    return readSuppressions(this.#context, this.#context.state.destinationsStem);
  }

  /** Another one after each change; undefined as long as there is nothing. */
  version(): string | undefined {
    const { disk, state } = this.#context;
    const { snapshot } = databasePaths(state.destinationsStem);
    const found = reading(snapshot, () => disk.status(snapshot));
    return found && [found.inode, found.modifiedMs, found.sizeBytes].join(' ');
  }

  /** What `change` does is on disk when it returns. */
  change<T>(change: (destinations: Destinations) => T): T {
    return changeOnce(() => Destinations.open(this.#context, this.#context.state.destinationsStem), change);
  }

  /** The same once nobody else has it locked. */
  changeInTurn<T>(change: (destinations: Destinations) => T): Promise<T> {
    return inTurn(() => this.change(change));
  }
}

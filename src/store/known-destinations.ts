/**
 * What is known about reporting addresses, for those who want to read it, and those who have something to add.
 *
 * It is locked while something is added, and no longer. Problems: store-locked, store-damaged, disk-full.
 */
import { Destinations, readDestinations } from './destinations.ts';
import type { DestinationsContent } from './destinations.ts';
import type { StoreContext } from './store-context.ts';

export class KnownDestinations {
  readonly #context: StoreContext;

  constructor(context: StoreContext) {
    this.#context = context;
  }

  read(): DestinationsContent {
    return readDestinations(this.#context, this.#context.state.destinationsStem);
  }

  /** What `change` does is on disk when it returns. */
  change(change: (destinations: Destinations) => void): void {
    const destinations = Destinations.open(this.#context, this.#context.state.destinationsStem);
    try {
      change(destinations);
      destinations.checkpoint();
    } finally {
      destinations.close();
    }
  }
}

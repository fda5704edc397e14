/**
 * Datagrams as they come: most about domains that nobody has seen, some the same as before, some that cannot be read.
 */
import { makeDatagram } from '../datagrams.ts';
import type { World } from './world.ts';

const FAMILIAR = 6;

export class Traffic {
  readonly #world: World;
  #strangers = 0;

  constructor(world: World) {
    this.#world = world;
  }

  give(): void {
    const { random } = this.#world;
    const kind = random.below(10);
    if (kind === 0) this.#world.process?.receiver.give(Buffer.from(`no JSON ${String(random.below(4))}`));
    else if (kind < 5) this.#giveAbout(`familiar-${String(random.below(FAMILIAR))}`);
    else this.#giveAbout(`stranger-${String((this.#strangers += 1))}`);
  }

  #giveAbout(key: string): void {
    const failures = key.endsWith('3') ? [{ code: 201 }] : [];
    this.#world.give(key, makeDatagram({ domain: `${key}.example`, failures }));
  }
}

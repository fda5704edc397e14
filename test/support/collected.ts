/**
 * A state directory for the tests of collect, with all that was logged, and what is stored in it.
 */
import { join } from 'node:path';
import type { LogEvent } from '#events/event.ts';
import { CollectorStore } from '#store/collector-store.ts';
import { Store } from '#store/store.ts';
import type { SessionDayReader } from '#store/session-day.ts';
import { systemDisk } from '#support/disk.ts';
import type { Disk } from '#support/disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { scratchDirectory } from './scratch.ts';

export class Collected {
  readonly store: CollectorStore;
  readonly events: LogEvent[] = [];
  readonly log = (event: LogEvent): void => {
    this.events.push(event);
  };
  readonly #stored: Store;

  private constructor(store: CollectorStore, stored: Store) {
    this.store = store;
    this.#stored = stored;
  }

  static async make(disk: Disk = systemDisk): Promise<Collected> {
    const path = disk === systemDisk ? join(scratchDirectory(), 'state') : '/state';
    return new Collected(new CollectorStore(path, disk), await Store.open(path, disk));
  }

  eventNames(): string[] {
    return this.events.map(({ name }) => name);
  }

  /** How many datagrams are stored for the day; undefined when it has no file. */
  datagramsOn(day: UtcDay): number | undefined {
    return this.#read(day, (reader) => reader.counters().get('datagrams') ?? 0);
  }

  isClosed(day: UtcDay): boolean | undefined {
    return this.#read(day, ({ closed }) => closed);
  }

  domainsOn(day: UtcDay): string[] {
    return this.#read(day, (reader) => reader.domains()) ?? [];
  }

  #read<T>(day: UtcDay, look: (reader: SessionDayReader) => T): T | undefined {
    const reader = this.#stored.sessions.read(day);
    if (!reader) return undefined;
    try {
      return look(reader);
    } finally {
      reader.close();
    }
  }
}

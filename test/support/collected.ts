/**
 * A state directory for the tests of collect, with all that was logged, and what is stored in it.
 */
import { join } from 'node:path';
import type { LogEvent } from '#events/event.ts';
import { Counters } from '#pipeline/collect/counters.ts';
import type { DayWriterOptions } from '#pipeline/collect/day-writer.ts';
import { foldHere } from '#store/fold-session-day.ts';
import type { StartFold } from '#store/fold-session-day.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { SessionDayReader } from '#store/session-day.ts';
import { StateDirectory } from '#store/state-directory.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { scratchDirectory } from './scratch.ts';

export class Collected implements DayWriterOptions {
  readonly state = new StateDirectory(join(scratchDirectory(), 'state'));
  readonly sqlite: Sqlite;
  readonly startFold: StartFold;
  readonly totals = new Counters();
  readonly events: LogEvent[] = [];
  readonly log = (event: LogEvent): void => {
    this.events.push(event);
  };

  private constructor(sqlite: Sqlite) {
    this.sqlite = sqlite;
    this.startFold = foldHere(sqlite);
  }

  static async make(): Promise<Collected> {
    return new Collected(await loadSqlite());
  }

  get options(): DayWriterOptions {
    const { state, sqlite, startFold, log, totals } = this;
    return { state, sqlite, startFold, log, totals };
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
    const reader = SessionDayReader.open(this.sqlite, this.state.sessionStem(day));
    if (!reader) return undefined;
    const found = look(reader);
    reader.close();
    return found;
  }
}

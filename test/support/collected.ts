/**
 * A state directory on a simulated disk for the tests of collect, with a clock, all that was logged, and what is stored.
 */
import type { LogEvent } from '#events/event.ts';
import { CollectFigures } from '#pipeline/collect/collect-figures.ts';
import type { CollectedDaysOptions } from '#pipeline/collect/collected-days.ts';
import { CollectorStore } from '#store/collector-store.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { SessionDayReader } from '#store/sessions/session-day.ts';
import { StateDirectory } from '#store/state-directory.ts';
import type { TallyNews } from '#store/tally/day-talliers.ts';
import type { TallyRunner } from '#store/tally/tally-runner.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { ManualClock } from './manual-clock.ts';
import { SimulatedDisk } from './simulated-disk.ts';

const PATH = '/state';

export class Collected {
  readonly clock: ManualClock;
  readonly disk: SimulatedDisk;
  readonly store: CollectorStore;
  readonly state: StateDirectory;
  readonly figures = new CollectFigures();
  readonly events: LogEvent[] = [];
  readonly startTally: (tell: (news: TallyNews) => void) => TallyRunner;
  readonly #sqlite: Sqlite;

  private constructor(sqlite: Sqlite, parts: Pick<Collected, 'disk' | 'clock' | 'store' | 'startTally'>) {
    this.#sqlite = sqlite;
    this.disk = parts.disk;
    this.clock = parts.clock;
    this.store = parts.store;
    this.startTally = parts.startTally;
    this.state = new StateDirectory(PATH, parts.disk);
  }

  /** On a disk that somebody has used before, or on a new one. */
  static async make(disk = new SimulatedDisk()): Promise<Collected> {
    const clock = new ManualClock('2026-11-19T12:00:00Z');
    const store = new CollectorStore(PATH, disk, () => ({ boot: 'one', upMs: clock.steadyMs() }));
    return new Collected(await loadSqlite(), { disk, clock, store, startTally: await store.tallyHere(clock) });
  }

  get options(): CollectedDaysOptions {
    const { store, clock, figures, startTally } = this;
    const log = (event: LogEvent): void => {
      this.events.push(event);
    };
    return { store, clock, log, keepDays: 30, figures, startTally };
  }

  eventNames(): string[] {
    return this.events.map(({ name }) => name);
  }

  /** How many datagrams are stored for the day; undefined when there is nothing of it. */
  datagramsOn(day: UtcDay): number | undefined {
    return this.counterOn(day, 'datagrams');
  }

  counterOn(day: UtcDay, name: string): number | undefined {
    return this.#read(day, (reader) => reader.counters().get(name) ?? 0);
  }

  isClosed(day: UtcDay): boolean | undefined {
    return this.#read(day, ({ closed }) => closed);
  }

  domainsOn(day: UtcDay): string[] {
    return this.#read(day, (reader) => reader.domains()) ?? [];
  }

  #read<T>(day: UtcDay, look: (reader: SessionDayReader) => T): T | undefined {
    const disk = this.disk.forAnotherProcess();
    const reader = SessionDayReader.open({ sqlite: this.#sqlite, disk }, this.state.sessionStem(day));
    if (!reader) return undefined;
    try {
      return look(reader);
    } finally {
      reader.close();
    }
  }
}

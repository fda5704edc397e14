/**
 * What is asked of the world after each event.
 */
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { SimulationFailure } from './simulation-failure.ts';
import { storedDay } from './stored-counts.ts';
import type { StoredDay } from './stored-counts.ts';
import type { World } from './world.ts';

const MOST_FAULTS_TOLD = 5;

export class Checks {
  readonly #world: World;
  /** Closed days, by what tells one version of them from another: they are many and do not change. */
  readonly #closed = new Map<string, StoredDay>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Everything counts that must, nothing twice, and in its day; nothing is damaged. */
  counts(): void {
    const days = this.#storedDays();
    for (const [day, { damage }] of days)
      if (damage.length > 0) throw new SimulationFailure(`a reader of ${day} finds damage: ${damage.join(', ')}`);
    const counts = new Map<UtcDay, Map<string, number>>();
    const all = [...[...days].map(([day, stored]) => ({ day, counts: stored.counts })), ...this.#world.removed.days];
    for (const { day, counts: some } of all) add(counts, day, some);
    const faults = this.#world.model.faultsOf(counts);
    if (faults.length > 0) throw new SimulationFailure(faults.slice(0, MOST_FAULTS_TOLD).join('\n'));
  }

  /** To be called after an orderly end: days that are over are closed, and nothing is left half-done. */
  isTidy(): void {
    const { state, disk } = this.#world.reading;
    for (const [day, { closed }] of this.#storedDays())
      if (!closed && day < this.#world.day.day) throw new SimulationFailure(`${day} is over and was not closed`);
    const names = [state.path, `${state.path}/sessions`].flatMap((folder) =>
      disk.status(folder) ? disk.list(folder) : [],
    );
    const left = names.filter((name) => name.startsWith('.') && !this.#isOfLaterDay(name));
    if (left.length > 0) throw new SimulationFailure(`left behind: ${left.join(', ')}`);
  }

  /** A day that a wrong clock began is gone on with when it comes. */
  #isOfLaterDay(name: string): boolean {
    return name.slice(1) > this.#world.day.day && !name.startsWith('.identity');
  }

  #storedDays(): Map<UtcDay, StoredDay> {
    const { reading } = this.#world;
    const days = new Map<UtcDay, StoredDay>();
    for (const day of reading.state.sessionDays()) {
      const version = this.#versionOf(day);
      const known = this.#closed.get(version);
      const stored = known ?? storedDay(reading, day);
      if (stored) days.set(day, stored);
      if (stored?.closed === true) this.#closed.set(version, stored);
    }
    return days;
  }

  #versionOf(day: UtcDay): string {
    const { state, disk } = this.#world.reading;
    const isOpen = state.unfinishedSessionDays().includes(day);
    const { inode, sizeBytes, modifiedMs } = disk.status(`${state.sessionStem(day)}.sqlite`) ?? {};
    return JSON.stringify([this.#world.powerLosses, day, isOpen, inode, sizeBytes, modifiedMs]);
  }
}

function add(counts: Map<UtcDay, Map<string, number>>, day: UtcDay, some: ReadonlyMap<string, number>): void {
  const all = counts.get(day) ?? new Map<string, number>();
  counts.set(day, all);
  for (const [key, count] of some) all.set(key, (all.get(key) ?? 0) + count);
}

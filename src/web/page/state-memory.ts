/**
 * What days come to, kept in memory, so that a page takes no longer where days are large or many: a day is read when its files have changed.
 *
 * Days are read one after the other, the newest first, by a reader of its own. Days that are closed are read once; one that goes on is read again
 * while somebody looks at pages, and then only after some times as long as reading it took. Who asks gets what is known, and hears how many days
 * are still to be read.
 */
import type { HeardDay } from '#pipeline/inbound/heard-day.ts';
import type { DomainSightings } from '#pipeline/status/domain-sightings.ts';
import { policiesOf, sizeOfIndex } from '#pipeline/status/domain-index.ts';
import type { IndexedPart, SeenDay } from '#pipeline/status/seen-day.ts';
import type { ToldProblem } from '#support/gathered-problems.ts';
import { letGo, MUCH_BYTES } from '#support/thrift.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { NO_DELIVERIES } from './state-reader.ts';
import type { DeliveredDay, StateReader, StateVersions, Versions } from './state-reader.ts';

export interface MemoryOptions {
  /** For what may take long. */
  readonly reader: StateReader;
  /** For what somebody waits for. */
  readonly quickReader: StateReader;
  /** As in pipeline/status/domain-index.ts. */
  readonly key: string;
  readonly nowMs: () => number;
  readonly steadyMs: () => number;
  readonly stopping: AbortSignal;
}

/** What is known; it is not changed any more. */
export interface StateView {
  readonly seen: ReadonlyMap<UtcDay, SeenDay>;
  readonly delivered: ReadonlyMap<UtcDay, DeliveredDay>;
  readonly heard: ReadonlyMap<UtcDay, HeardDay>;
  readonly missing: readonly string[];
  /** Days with something that was not read yet. */
  readonly unread: number;
  /** When the state directory was looked at last; undefined before the first time. */
  readonly lookedMs: number | undefined;
  readonly problems: readonly ToldProblem[];
}

interface Known<T> {
  readonly version: string;
  readonly value: T;
  readonly readMs: number;
  readonly tookMs: number;
}

type Area = 'seen' | 'delivered' | 'heard';
interface Task {
  readonly area: Area;
  readonly day: UtcDay;
  readonly version: string;
}

/** A day that goes on is not read for more of the time than a part of this size. */
const REST = 9;
/** Where the whole of a day is read as quickly as this, that is done for who asks for one domain. */
const QUICK_MS = 50;
/** What takes so long takes much memory. */
const LONG_MS = 1_000;
/** Of the indices of domains, the newest days first. */
const MOST_INDEX_BYTES = 50_331_648;

export class StateMemory {
  readonly #options: MemoryOptions;
  readonly #seen = new Map<UtcDay, Known<SeenDay>>();
  readonly #delivered = new Map<UtcDay, Known<DeliveredDay>>();
  readonly #heard = new Map<UtcDay, Known<HeardDay>>();
  readonly #indices = new Map<UtcDay, readonly IndexedPart[]>();
  #versions: StateVersions | undefined;
  #lookedMs: number | undefined;
  #underWay: Promise<void> | undefined;

  constructor(options: MemoryOptions) {
    this.#options = options;
  }

  /** Brings all that is known up to date, which may take long the first time. One at a time, for all who ask. Rejects for a bug alone. */
  refresh(): Promise<void> {
    this.#underWay ??= this.#readAll().finally(() => (this.#underWay = undefined));
    return this.#underWay;
  }

  view(): StateView {
    return {
      seen: valuesOf(this.#seen),
      delivered: valuesOf(this.#delivered),
      heard: valuesOf(this.#heard),
      missing: this.#versions?.missing ?? [],
      unread: new Set(this.#unreadTasks().flatMap(({ area, day }) => (this.#areaOf(area).has(day) ? [] : [day]))).size,
      lookedMs: this.#lookedMs,
      problems: this.#versions?.problems ?? [],
    };
  }

  /** Of those of the days that can be looked through at once; `passedOver` are the others on which there was something. */
  async domain(
    domain: string,
    days: readonly UtcDay[],
  ): Promise<{ readonly sightings: DomainSightings; readonly passedOver: readonly UtcDay[] } | undefined> {
    const kept = days.filter((day) => this.#seen.has(day));
    const openDays = kept.filter((day) => this.#isOpenAndQuick(day));
    const passedOver = kept.filter((day) => !this.#isIndexed(day) && !openDays.includes(day));
    const places = kept
      .filter((day) => !openDays.includes(day))
      .flatMap((day) =>
        (this.#indices.get(day) ?? []).map(({ part, index }) => ({
          day,
          part,
          ids: policiesOf(domain, index, this.#options.key),
        })),
      );
    const sightings = await this.#options.quickReader.ask({
      kind: 'domain',
      domain,
      places: places.filter(({ ids }) => ids.length > 0),
      openDays,
      outboxDays: days.filter((day) => this.#versions?.delivered.has(day)),
    });
    return sightings && { sightings, passedOver };
  }

  /** A part of it that goes on has no index. */
  #isIndexed(day: UtcDay): boolean {
    return this.#indices.has(day) && this.#seen.get(day)?.value.isClosed === true;
  }

  #isOpenAndQuick(day: UtcDay): boolean {
    const known = this.#seen.get(day);
    return known !== undefined && !known.value.isClosed && known.tookMs < QUICK_MS;
  }

  async #readAll(): Promise<void> {
    const versions = await this.#options.quickReader.ask({ kind: 'versions', nowMs: this.#options.nowMs() });
    if (!versions) return;
    this.#versions = versions;
    this.#lookedMs = this.#options.nowMs();
    this.#forgetRemoved(versions);
    let longestMs = 0;
    for (const task of this.#unreadTasks()) {
      if (this.#options.stopping.aborted) return;
      if (this.#isDue(task)) await this.#read(task);
      longestMs = Math.max(longestMs, this.#areaOf(task.area).get(task.day)?.tookMs ?? 0);
    }
    if (longestMs > LONG_MS) await this.#options.reader.rest();
  }

  /** The newest first. */
  #unreadTasks(): Task[] {
    const { seen, delivered, heard } = this.#versions ?? { seen: new Map(), delivered: new Map(), heard: new Map() };
    return [
      ...tasksOf('seen', seen, this.#seen),
      ...tasksOf('delivered', delivered, this.#delivered),
      ...tasksOf('heard', heard, this.#heard),
    ].sort((a, b) => (a.day < b.day ? 1 : a.day > b.day ? -1 : 0));
  }

  #isDue({ area, day }: Task): boolean {
    const known = this.#areaOf(area).get(day);
    return !known || this.#options.steadyMs() - known.readMs >= REST * known.tookMs;
  }

  #areaOf(area: Area): ReadonlyMap<UtcDay, Known<unknown>> {
    return { seen: this.#seen, delivered: this.#delivered, heard: this.#heard }[area];
  }

  async #read({ area, day, version }: Task): Promise<void> {
    const { reader, nowMs, steadyMs } = this.#options;
    const began = steadyMs();
    const known = <T>(value: T): Known<T> => {
      const readMs = steadyMs();
      return { version, value, readMs, tookMs: readMs - began };
    };
    if (area === 'seen') {
      const reading = await reader.ask({ kind: 'seen', day });
      this.#seen.set(day, known(reading?.seen ?? givenUp(day)));
      this.#keepIndices(day, reading?.indices ?? []);
    } else if (area === 'delivered') {
      const delivered = await reader.ask({ kind: 'delivered', day, nowMs: nowMs() });
      this.#delivered.set(day, known(delivered ?? { day, ...NO_DELIVERIES, problems: GIVEN_UP }));
    } else {
      const heard = await reader.ask({ kind: 'heard', day, today: utcDayOf(nowMs()) });
      this.#heard.set(day, known(heard ?? { day, results: [], omitted: 0, own: [], problems: GIVEN_UP }));
    }
  }

  #keepIndices(day: UtcDay, parts: readonly IndexedPart[]): void {
    this.#indices.set(day, parts);
    if (sizeOf(parts) >= MUCH_BYTES) letGo(); // of what they came in
    let room = MOST_INDEX_BYTES;
    for (const kept of [...this.#indices.keys()].sort().reverse()) {
      room -= sizeOf(this.#indices.get(kept) ?? []);
      if (room < 0) this.#indices.delete(kept);
    }
  }

  #forgetRemoved({ seen, delivered, heard }: StateVersions): void {
    forget(this.#seen, seen);
    forget(this.#indices, seen);
    forget(this.#delivered, delivered);
    forget(this.#heard, heard);
  }
}

function sizeOf(parts: readonly IndexedPart[]): number {
  return parts.reduce((bytes, { index }) => bytes + sizeOfIndex(index), 0);
}

function tasksOf(area: Area, versions: Versions, known: ReadonlyMap<UtcDay, Known<unknown>>): Task[] {
  return [...versions]
    .filter(([day, version]) => known.get(day)?.version !== version)
    .map(([day, version]) => ({ area, day, version }));
}

function forget(known: Map<UtcDay, unknown>, versions: Versions): void {
  for (const day of known.keys()) if (!versions.has(day)) known.delete(day);
}

function valuesOf<T>(known: ReadonlyMap<UtcDay, Known<T>>): Map<UtcDay, T> {
  return new Map([...known].map(([day, { value }]) => [day, value]));
}

const GIVEN_UP: readonly ToldProblem[] = [
  {
    code: 'store-not-readable',
    message: 'Reading this day takes too long, or too much memory, or met a bug that the log names.',
  },
];

function givenUp(day: UtcDay): SeenDay {
  const nothing = { datagrams: 0, rejected: 0, dropped: 0, domains: 0, failingDomains: 0 };
  return { day, isClosed: true, ...nothing, policies: [], failures: [], failing: [], problems: GIVEN_UP };
}

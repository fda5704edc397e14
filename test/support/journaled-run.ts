/**
 * A collector's store at work on a simulated disk, without sockets and time: frames are put, written, synced, checkpointed and closed by
 * one process after the other, and whatever the disk refuses is tried again as the collector does.
 *
 * Each frame speaks of one domain that nobody else speaks of, and of one that all do; so a frame that is lost, or counts twice, shows.
 */
import type { SessionJournal } from '#store/sessions/session-journal.ts';
import { CollectorStore } from '#store/collector-store.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { SessionDayReader } from '#store/sessions/session-day.ts';
import { StateDirectory } from '#store/state-directory.ts';
import { DatagramBatch } from '#store/tally/datagram-payload.ts';
import type { TallyNews } from '#store/tally/day-talliers.ts';
import type { TallyRunner } from '#store/tally/tally-runner.ts';
import type { SteadyClock } from '#support/clock.ts';
import type { FileLock } from '#support/file-lock.ts';
import { errnoOf, Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { makeDatagram } from './datagrams.ts';
import type { SimulatedDisk } from './simulated-disk.ts';

const STATE = '/state';
export const SHARED = 'shared.example';

/** Nobody waits: who sleeps wakes at once, later. */
class HastyClock implements SteadyClock {
  #ms = 0;

  nowMs(): number {
    return this.#ms;
  }

  steadyMs(): number {
    return this.#ms;
  }

  sleep(durationMs: number): Promise<void> {
    this.#ms += Math.max(1, durationMs);
    return Promise.resolve();
  }
}

/** What must be true of a day: frames up to `safe` are there, none beyond `put`. */
export interface DayModel {
  readonly put: readonly string[];
  readonly safe: number;
}

const TRIES = 20;

/** Tries as often as a collector does before the test's patience ends. Only what the disk refuses may be thrown. */
async function stubbornly<T>(clock: SteadyClock, act: () => Promise<T> | T): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof Problem) && errnoOf(error) === undefined) throw error;
      if (tries === TRIES) throw error;
      await clock.sleep(1_000);
    }
  }
}

/** What all processes together have done. */
export class JournaledRun {
  readonly clock = new HastyClock();
  readonly news: TallyNews[] = [];
  readonly #put = new Map<UtcDay, string[]>();
  readonly #safe = new Map<UtcDay, number>();

  /** Of all days. */
  models(): Map<UtcDay, DayModel> {
    return new Map([...this.#put].map(([day, put]) => [day, { put: [...put], safe: this.#safe.get(day) ?? 0 }]));
  }

  /** A run that finds what another has left. `put`: the frames that are there. */
  static after(found: ReadonlyMap<UtcDay, readonly string[]>): JournaledRun {
    const run = new JournaledRun();
    for (const [day, put] of found) {
      run.#put.set(day, [...put]);
      run.#safe.set(day, put.length);
    }
    return run;
  }

  notePut(day: UtcDay): string {
    const put = this.#put.get(day) ?? [];
    this.#put.set(day, put);
    const domain = `n${String(put.length)}.example`;
    put.push(domain);
    return domain;
  }

  noteSafe(day: UtcDay): void {
    this.#safe.set(day, this.#put.get(day)?.length ?? 0);
  }

  start(disk: SimulatedDisk): Promise<JournalingProcess> {
    return JournalingProcess.start(this, disk);
  }
}

/** One process of such a run. */
export class JournalingProcess {
  readonly #run: JournaledRun;
  readonly #store: CollectorStore;
  readonly #lock: FileLock;
  readonly #tally: TallyRunner;
  readonly #journals = new Map<UtcDay, OpenJournal>();

  private constructor(run: JournaledRun, store: CollectorStore, lock: FileLock, tally: TallyRunner) {
    this.#run = run;
    this.#store = store;
    this.#lock = lock;
    this.#tally = tally;
  }

  /** Takes the collector's lock, and closes nothing. */
  static async start(run: JournaledRun, disk: SimulatedDisk): Promise<JournalingProcess> {
    const store = new CollectorStore(STATE, disk);
    const startTally = await store.tallyHere(run.clock);
    const lock = await stubbornly(run.clock, () => store.lock());
    const tally = startTally((news) => {
      run.news.push(news);
    });
    return new JournalingProcess(run, store, lock, tally);
  }

  async put(day: UtcDay, frames: number): Promise<void> {
    const open = await this.#open(day);
    for (let frame = 0; frame < frames; frame += 1) open.put(this.#run.notePut(day));
  }

  async write(day: UtcDay): Promise<void> {
    const { journal } = await this.#open(day);
    await stubbornly(this.#run.clock, () => journal.write());
  }

  async sync(day: UtcDay): Promise<void> {
    const { journal } = await this.#open(day);
    await stubbornly(this.#run.clock, async () => {
      await journal.write();
      await journal.sync();
      if (!journal.isSafe) throw new Error('it is not safe although nothing was refused');
    });
    this.#run.noteSafe(day);
  }

  /** The day is over: it is let go of, and closed. */
  async end(day: UtcDay): Promise<void> {
    this.#letGoOf(day);
    this.#tally.end(day, false);
    await this.#settle();
  }

  /** Days that an earlier process left open. */
  async endUnfinished(): Promise<void> {
    const days = await stubbornly(this.#run.clock, () => this.#store.unfinishedDays());
    for (const day of days) this.#tally.end(day, false);
    await this.#settle();
  }

  /** As often as it is asked. */
  checkpoint(): Promise<void> {
    return this.#tally.stop(0);
  }

  /** Ends as a collector does that is told to. */
  async stop(): Promise<void> {
    for (const day of this.#journals.keys()) await this.sync(day);
    for (const day of [...this.#journals.keys()]) this.#letGoOf(day);
    await this.#settle();
    await this.#tally.stop(0);
    tolerating(() => {
      this.#lock.release();
    });
  }

  async #settle(): Promise<void> {
    for (let times = 0; times < TRIES; times += 1) await this.#tally.settled(0);
  }

  #letGoOf(day: UtcDay): void {
    tolerating(() => this.#journals.get(day)?.journal.close());
    this.#journals.delete(day);
  }

  async #open(day: UtcDay): Promise<OpenJournal> {
    const known = this.#journals.get(day);
    if (known) return known;
    const announce: Parameters<CollectorStore['openJournal']>[1] = (journal) => {
      this.#tally.announce(day, journal);
    };
    const open = new OpenJournal(await stubbornly(this.#run.clock, () => this.#store.openJournal(day, announce)));
    this.#journals.set(day, open);
    return open;
  }
}

/** For the last thing that is done to a file: an error there may end the process, which is at its end. */
function tolerating(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (errnoOf(error) === undefined && !(error instanceof Problem)) throw error;
  }
}

class OpenJournal {
  readonly journal: SessionJournal;
  readonly #batch = new DatagramBatch();
  #next = 1;

  constructor(journal: SessionJournal) {
    this.journal = journal;
    this.#batch.beginAnew();
    this.#batch.define(0, makeDatagram({ domain: SHARED }));
  }

  put(domain: string): void {
    const number = this.#next++;
    this.#batch.define(number, makeDatagram({ domain }));
    this.#batch.count(number);
    this.#batch.count(0);
    this.journal.put(this.#batch.cut());
  }
}

export interface FoundDay {
  /** Each domain with its sessions, in the order in which it was put. */
  readonly sessions: ReadonlyMap<string, number>;
  readonly closed: boolean;
  readonly damage: readonly string[];
}

/** What whoever reads the day finds; nothing when there is no such day. */
export async function findDay(disk: SimulatedDisk, day: UtcDay): Promise<FoundDay> {
  const sqlite = await loadSqlite();
  const stem = new StateDirectory(STATE, disk).sessionStem(day);
  const reader = SessionDayReader.open({ sqlite, disk }, stem);
  if (!reader) return { sessions: new Map(), closed: false, damage: [] };
  try {
    const tallies = [...reader.domainTallies()];
    const sessions = tallies.map(({ domain, policies }): [string, number] => [
      domain,
      policies.reduce((sum, { successful }) => sum + successful, 0),
    ]);
    return {
      sessions: new Map(sessions),
      closed: reader.closed,
      damage: [...reader.unreadable(), ...reader.integrityFaults()],
    };
  } finally {
    reader.close();
  }
}

/** What a day looks like in which these frames count, each once. */
export function sessionsOf(put: readonly string[]): Map<string, number> {
  if (put.length === 0) return new Map();
  return new Map([...put.map((domain): [string, number] => [domain, 1]), [SHARED, put.length]]);
}

/**
 * What a collector has of the state directory: the journals of its days, and whatever adds them up.
 *
 * SQLite is loaded by the tally alone, or when a day is taken up again of which there is a snapshot.
 */
import { systemDisk } from '#support/disk.ts';
import type { Disk } from '#support/disk.ts';
import { ensureDirectory } from '#support/durable-file.ts';
import { lockFile } from '#support/file-lock.ts';
import type { FileLock, LockResult } from '#support/file-lock.ts';
import { standStill } from '#support/stand-still.ts';
import type { SteadyClock } from '#support/clock.ts';
import { systemUptime } from '#support/uptime.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { formatNote } from './collector-note.ts';
import type { CollectorNote } from './collector-note.ts';
import { loadSqlite } from './durable/sqlite.ts';
import { lastWrittenMs } from './sessions/last-written.ts';
import { Quarantine } from './quarantine.ts';
import { visitReceipts } from './receipts/receipt-files.ts';
import { ReceiptTable } from './receipts/receipt-table.ts';
import { expiredDays, removeHalfBuilt, removeOldSessions } from './retention.ts';
import type { RemovedDay, Retention } from './retention.ts';
import { SessionJournal } from './sessions/session-journal.ts';
import { StateDirectory } from './state-directory.ts';
import type { IdentityChange } from './state-directory.ts';
import {
  lockedProblem,
  lockReplacedProblem,
  StoreProblem,
  unlessRefused,
  writeProblem,
  writing,
} from './store-problem.ts';
import { DatagramBatch } from './tally/datagram-payload.ts';
import type { TallyNews } from './tally/day-talliers.ts';
import type { AnnouncedJournal } from './tally/frame-tail.ts';
import { TallyHere } from './tally/tally-runner.ts';
import type { TallyRunner } from './tally/tally-runner.ts';
import { ThreadedTally } from './tally/threaded-tally.ts';

const LOCK_TRIES = 3;
const LOCK_PAUSE_MS = 20;

export class CollectorStore {
  readonly #state: StateDirectory;
  readonly #disk: Disk;
  readonly #uptime: typeof systemUptime;
  #lock: FileLock | undefined;

  constructor(path: string, disk = systemDisk, uptime = systemUptime) {
    this.#state = new StateDirectory(path, disk);
    this.#disk = disk;
    this.#uptime = uptime;
  }

  get path(): string {
    return this.#state.path;
  }

  /**
   * One collector for each state directory. Throws a StoreProblem when there is another, or when the directory cannot be written to.
   */
  lock(): FileLock {
    const { collectorLock: file, path } = this.#state;
    const result = writing(file, () => {
      ensureDirectory(path, this.#disk);
      return lockForLong(file, this.#disk);
    });
    if (result.kind === 'held') throw lockedProblem(path, result.holder);
    this.#lock = result.lock;
    return result.lock;
  }

  /** Why another collector may work here though this one has the lock; undefined when it has none, and when the disk does not say. */
  whyNotAlone(): StoreProblem | undefined {
    const isReplaced = (): boolean => unlessRefused(() => this.#lock?.isReplaced()) === true;
    return isReplaced() && isReplaced() ? lockReplacedProblem(this.#state.collectorLock) : undefined; // not on one word alone
  }

  /** For whoever looks whether a collector runs; it takes the place of what was noted before. False when the disk does not take even that now. */
  note(note: CollectorNote): boolean {
    const write = (): true => {
      this.#lock?.note(formatNote(note));
      return true;
    };
    return unlessRefused(write) === true;
  }

  /**
   * What a first run makes waits for the disk, which nothing may do once datagrams come. A disk that refuses is asked again then. Returns the
   * change of identity of a directory that was copied here from another machine.
   */
  prepare(): IdentityChange | undefined {
    try {
      const change = this.#state.settleOnMachine();
      this.#state.identity();
      ensureDirectory(this.#state.sessions, this.#disk);
      removeHalfBuilt(this.#state);
      return change;
    } catch (error) {
      if (!(writeProblem(this.#state.path, error) instanceof StoreProblem)) throw error;
      return undefined;
    }
  }

  /** Days of which there is something. */
  days(): UtcDay[] {
    return this.#state.sessionDays();
  }

  /** Those that are not closed. */
  unfinishedDays(): UtcDay[] {
    return this.#state.unfinishedSessionDays();
  }

  /** Those of which something that was moved here is still to come in; see moved-pieces.ts. None when the disk does not say. */
  daysWithPieces(): UtcDay[] {
    return unlessRefused(() => this.#state.daysWithPieces()) ?? [];
  }

  /** Those that something that was moved here came into: somebody may have put older files in their place meanwhile. */
  daysWithCountedPieces(): UtcDay[] {
    return unlessRefused(() => this.#state.daysWithCountedPieces()) ?? [];
  }

  /** As of an earlier run, before anything is opened; see last-written.ts. */
  lastWrittenMs(nowMs: number): number | undefined {
    return unlessRefused(() => lastWrittenMs(this.#state, nowMs));
  }

  /** Goes on with the journals of a day. */
  openJournal(day: UtcDay, announce: (journal: AnnouncedJournal) => void): Promise<SessionJournal> {
    return SessionJournal.open({
      disk: this.#disk,
      stem: this.#state.sessionStem(day),
      identity: { day, origin: this.#state.identity() },
      loadContext: async () => ({ sqlite: await loadSqlite(), disk: this.#disk }),
      announce,
    });
  }

  /** What was posted of late, as far as that can be read. To be asked before anything is opened or added up. */
  receipts(steadyMs: () => number): ReceiptTable {
    const table = new ReceiptTable(steadyMs);
    const { sessions } = this.#state;
    unlessRefused(() => {
      visitReceipts(this.#disk, sessions, this.unfinishedDays(), (receipt) => {
        table.add(receipt);
      });
    });
    return table;
  }

  /** Collects what the next frame of a journal will say. */
  newBatch(): DatagramBatch {
    return new DatagramBatch();
  }

  /** What is older than it is to be kept, see retention.ts. To be asked every hour. `ageless` hears why it is not known how old days are. */
  async removeOldDays(retention: Retention, ageless: (why: StoreProblem) => void): Promise<RemovedDay[]> {
    const { days, trouble } = await expiredDays(this.#state, retention, this.#uptime());
    if (trouble) ageless(trouble);
    return removeOldSessions(this.#state, days);
  }

  /** Adds up on a thread of its own. */
  startTally(tell: (news: TallyNews) => void): TallyRunner {
    return new ThreadedTally({ stateDirectory: this.#state.path }, tell);
  }

  /** Adds up in this thread, when it is asked for what is settled. */
  async tallyHere(clock: SteadyClock): Promise<(tell: (news: TallyNews) => void) => TallyRunner> {
    const sqlite = await loadSqlite();
    return (tell) =>
      new TallyHere({
        sqlite,
        disk: this.#disk,
        stemOf: (day) => this.#state.sessionStem(day),
        quarantine: new Quarantine(this.#state.quarantine, this.#disk),
        tell,
        clock,
      });
  }
}

/** Whoever looks whether a collector runs holds the lock for an instant. */
function lockForLong(file: string, disk: Disk): LockResult {
  for (let tries = 1; ; tries += 1) {
    const result = lockFile(file, disk);
    if (result.kind === 'locked' || tries === LOCK_TRIES) return result;
    standStill(LOCK_PAUSE_MS);
  }
}

/**
 * Folds the journal of a day into its file on a thread of its own, so that a large day keeps nobody waiting.
 *
 * The thread runs the executable itself, which recognises it by its data (src/main.ts). The day's writer goes on meanwhile.
 * Problems: store-damaged, store-wrong-schema, store-not-readable, disk-full, store-not-writable.
 */
import { constants, setPriority } from 'node:os';
import { parentPort, Worker } from 'node:worker_threads';
import type { SnapshotState } from './durable/database-file.ts';
import { foldJournal } from './durable/fold-journal.ts';
import { loadSqlite } from './durable/sqlite.ts';
import type { Sqlite } from './durable/sqlite.ts';
import { sessionDayKind } from './session-day.ts';
import { StoreProblem } from './store-problem.ts';
import type { StoreProblemCode } from './store-problem.ts';

export interface Folding {
  readonly stem: string;
  /** The day is over: its file is to stand alone. */
  readonly finish: boolean;
}

export type FoldOutcome =
  | { readonly kind: 'folded'; readonly state: SnapshotState }
  /** With a StoreProblem, or with what only a bug can cause. */
  | { readonly kind: 'refused'; readonly error: unknown };

export interface RunningFold {
  /** Undefined while it runs. */
  readonly outcome: FoldOutcome | undefined;
  /** Resolves once there is an outcome. */
  readonly settled: Promise<void>;
}

export type StartFold = (folding: Folding) => RunningFold;

export interface FoldThreadData extends Folding {
  readonly thread: 'fold';
}

type ThreadResult =
  | Extract<FoldOutcome, { kind: 'folded' }>
  | { readonly kind: 'refused'; readonly code: StoreProblemCode; readonly message: string };

/** For those who have nothing else to do meanwhile: the outcome is there at once. */
export function foldHere(sqlite: Sqlite): StartFold {
  return (folding) => ({ outcome: outcomeOf(sqlite, folding), settled: Promise.resolve() });
}

/** `executable` is the file of this program. */
export function foldInThread(executable: string): StartFold {
  return (folding) => new ThreadedFold(executable, folding);
}

/** A young generation that is small is collected more often, and that is all. */
const LITTLE_MEMORY = { maxYoungGenerationSizeMb: 8 };

class ThreadedFold implements RunningFold {
  outcome: FoldOutcome | undefined;
  readonly settled: Promise<void>;

  constructor(executable: string, folding: Folding) {
    const workerData: FoldThreadData = { thread: 'fold', ...folding };
    const worker = new Worker(executable, { workerData, resourceLimits: LITTLE_MEMORY });
    worker.once('message', (result: ThreadResult) => {
      this.outcome = received(result);
    });
    worker.once('error', (error) => {
      this.outcome = { kind: 'refused', error };
    });
    this.settled = new Promise((resolve) => {
      worker.once('exit', () => {
        this.outcome ??= { kind: 'refused', error: new Error('the thread that folds journals ended early') };
        resolve();
      });
    });
  }
}

function received(result: ThreadResult): FoldOutcome {
  if (result.kind === 'folded') return result;
  return { kind: 'refused', error: new StoreProblem(result.code, result.message) };
}

export async function runFoldThread({ stem, finish }: FoldThreadData): Promise<void> {
  giveWay();
  const outcome = outcomeOf(await loadSqlite(), { stem, finish });
  parentPort?.postMessage(sendable(outcome));
}

function outcomeOf(sqlite: Sqlite, folding: Folding): FoldOutcome {
  try {
    return { kind: 'folded', state: foldJournal({ sqlite, kind: sessionDayKind, ...folding }) };
  } catch (error) {
    return { kind: 'refused', error };
  }
}

/** An error loses its class between threads. */
function sendable(outcome: FoldOutcome): ThreadResult {
  if (outcome.kind === 'folded') return outcome;
  if (!(outcome.error instanceof StoreProblem)) throw outcome.error;
  return { kind: 'refused', code: outcome.error.code, message: outcome.error.message };
}

/** On Linux this is the priority of the calling thread alone: nothing is urgent here. */
function giveWay(): void {
  try {
    setPriority(0, constants.priority.PRIORITY_LOW);
  } catch {
    // Without it everything works, only not as well under load.
  }
}

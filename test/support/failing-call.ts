/**
 * Makes one call to the disk fail in the executable, or in any Node.js program, and tells whether it did (see failing-call.cjs).
 *
 * The faults are noted beside the directory, so that the notes are not concerned.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { preload } from './preload.ts';

/** Each stands for all forms: `fsync` for fsyncSync, fsync with a callback or promisified, and fdatasync. */
export type FailingKind =
  | 'any'
  | 'open'
  | 'close'
  | 'read'
  | 'write'
  | 'fsync'
  | 'ftruncate'
  | 'rename'
  | 'link'
  | 'unlink'
  | 'mkdir'
  | 'readdir'
  | 'stat'
  | 'fstat'
  | 'copyFile';

export interface FailingCallWish {
  /** Only calls on this directory and on what is below it count. */
  readonly directory: string;
  readonly kind?: FailingKind;
  /** Counted from 1, over all threads of the process. */
  readonly at: number;
  /** Such as `ENOSPC`. */
  readonly errno: string;
  /** How many such calls fail in a row; by default one. */
  readonly times?: number;
  /** An fsync that fails also loses what was written to the file since the last one. */
  readonly losesUnsynced?: boolean;
}

export class FailingCall {
  readonly environment: Readonly<Record<string, string>>;
  readonly #notes = mkdtempSync(join(tmpdir(), 'tlsrpt-fault-'));
  readonly #log = join(this.#notes, 'faults');

  constructor({ directory, kind = 'any', at, errno, times = 1, losesUnsynced = false }: FailingCallWish) {
    this.environment = {
      ...preload('failing-call.cjs'),
      FAULT_DIRECTORY: directory,
      FAULT_CALL: kind,
      FAULT_AT: String(at),
      FAULT_ERRNO: errno,
      FAULT_TIMES: String(times),
      FAULT_LOG: this.#log,
      ...(losesUnsynced && { FAULT_UNSYNCED: join(this.#notes, 'unsynced') }),
    };
  }

  /** Which calls failed, as `fsyncSync /path EIO`. None: the program makes fewer than `at`. */
  happened(): string[] {
    if (!existsSync(this.#log)) return [];
    return readFileSync(this.#log, 'utf8').trimEnd().split('\n');
  }

  remove(): void {
    rmSync(this.#notes, { recursive: true, force: true });
  }
}

export type FaultSweep = Omit<FailingCallWish, 'at' | 'times'>;

/** Runs `attempt` again and again, with a later call failing each time, until none does. Returns what failed, in order. */
export async function failEachCall(
  sweep: FaultSweep,
  attempt: (environment: Readonly<Record<string, string>>, at: number) => Promise<void>,
): Promise<string[]> {
  const failed: string[] = [];
  for (let at = 1; ; at += 1) {
    const fault = new FailingCall({ ...sweep, at });
    try {
      await attempt(fault.environment, at);
      const [happened] = fault.happened();
      if (happened === undefined) return failed;
      failed.push(happened);
    } finally {
      fault.remove();
    }
  }
}

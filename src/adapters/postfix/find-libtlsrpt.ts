/**
 * Looks at the libtlsrpt by which Postfix reports: the one that the loader knows, ldconfig(8).
 */
import { closeSync, openSync, readSync, realpathSync } from 'node:fs';
import { errnoOf } from '#support/problem.ts';
import { readCommand } from '#support/run-command.ts';

export interface Libtlsrpt {
  /** Where it really is: its name has its version. */
  readonly path: string;
  /** Whether its datagrams say of which version of the protocol they are (dpv). */
  readonly sendsVersion: boolean;
}

/** It has 32 KiB. */
const MOST_BYTES = 4_194_304;
const KEY = 'dpv';

/** Undefined where there is none, or it cannot be read: a Postfix may have it built in. */
export function findLibtlsrpt(): Libtlsrpt | undefined {
  const [, found] = /^\s*libtlsrpt\.so\.\d+ .*=> (\/\S+)$/m.exec(readCommand('ldconfig', ['-p']).output) ?? [];
  if (found === undefined) return undefined;
  try {
    const path = realpathSync(found);
    return { path, sendsVersion: beginningOf(path).includes(KEY) };
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}

function beginningOf(path: string): Buffer {
  const descriptor = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(MOST_BYTES);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(descriptor);
  }
}

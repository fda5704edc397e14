/**
 * Keeps the record of what setup has changed beside the configuration file, where root alone writes: what it says is done by root.
 *
 * Problems: configuration-error, no-permission, file-not-written, store-locked, store-not-writable, native-library-unavailable.
 */
import { existsSync, lstatSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { emptyRecord, formatRecord, isEmpty, parseRecord } from '#pipeline/setup/change-record.ts';
import type { RecordKeeper } from '#pipeline/setup/make-changes.ts';
import { publishFile, removeFile } from '#support/durable-file.ts';
import { lockFile } from '#support/file-lock.ts';
import type { FileLock } from '#support/file-lock.ts';
import { whyNotPrivate } from '#support/private-place.ts';
import { errnoOf, messageOf, Problem } from '#support/problem.ts';

const NAME = 'postfix-setup.json';

export interface SetupRecord extends RecordKeeper {
  /**
   * What `act` returns while nobody else changes this host by the same record. What is to be changed is to be found out by `act`: it may not be
   * as it was before.
   */
  whileLocked<T>(act: () => T): T;
}

export function setupRecordBeside(configurationFile: string): SetupRecord {
  const path = join(dirname(configurationFile), NAME);
  return {
    whileLocked: (act) => {
      const lock = lockRecord(path);
      try {
        return act();
      } finally {
        lock.release();
      }
    },
    load: () => {
      refuseOthersWork(path);
      const text = readIfThere(path);
      return text === undefined ? emptyRecord : parseRecord(text, path);
    },
    save: (record) => {
      writing(path, () => {
        if (isEmpty(record)) {
          removeFile(path);
          return;
        }
        mkdirSync(dirname(path), { recursive: true });
        publishFile(path, Buffer.from(formatRecord(record)));
      });
    },
  };
}

/** Two at once would each lose what the other notes, and it would never be undone. */
function lockRecord(path: string): FileLock {
  refuseOthersWork(path);
  const result = writing(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    return lockFile(`${path}.lock`);
  });
  if (result.kind === 'locked') return result.lock;
  throw new Problem(
    'store-locked',
    `Postfix is being set up, or that is being undone, by ${result.holder}, which notes it in ${path}. Run this again when it has ended.`,
  );
}

/** Who can write there could have root write anything. */
function refuseOthersWork(path: string): void {
  const directory = dirname(path);
  if (!existsSync(directory)) return;
  const stats = lstatSync(path, { throwIfNoEntry: false });
  const isOwn = stats === undefined || (stats.isFile() && [0, process.getuid?.()].includes(stats.uid));
  const why =
    whyNotPrivate(realpathSync(directory)) ?? (isOwn ? undefined : `${path}: not a file of root or of this user`);
  if (why === undefined) return;
  throw new Problem(
    'configuration-error',
    `What setup changes is noted in ${path}, and somebody else could write that: ${why}. See to it that root alone can write there.`,
  );
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw new Problem('configuration-error', `${path} cannot be read: ${messageOf(error)}.`, { cause: error });
  }
}

function writing<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (error instanceof Problem) throw error;
    const isForbidden = ['EACCES', 'EPERM', 'EROFS'].includes(errnoOf(error) ?? '');
    throw new Problem(
      isForbidden ? 'no-permission' : 'file-not-written',
      `${path} cannot be written: ${messageOf(error)}.${isForbidden ? ' Run this as root.' : ''}`,
      { cause: error },
    );
  }
}

/**
 * Keeps the record of what setup has changed beside the configuration file, where root alone writes: what it says is done by root.
 *
 * Problems: configuration-error, no-permission, file-not-written.
 */
import { existsSync, lstatSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { emptyRecord, formatRecord, parseRecord } from '#pipeline/setup/change-record.ts';
import type { RecordKeeper } from '#pipeline/setup/make-changes.ts';
import { publishFile, removeFile } from '#support/durable-file.ts';
import { whyNotPrivate } from '#support/private-place.ts';
import { errnoOf, messageOf, Problem } from '#support/problem.ts';

const NAME = 'postfix-setup.json';

export function setupRecordBeside(configurationFile: string): RecordKeeper {
  const path = join(dirname(configurationFile), NAME);
  return {
    load: () => {
      refuseOthersWork(path);
      const text = readIfThere(path);
      return text === undefined ? emptyRecord : parseRecord(text, path);
    },
    save: (record) => {
      writing(path, () => {
        const isEmpty = record.changes.length === 0 && record.toReload.length === 0;
        if (isEmpty) {
          removeFile(path);
          return;
        }
        mkdirSync(dirname(path), { recursive: true });
        publishFile(path, Buffer.from(formatRecord(record)));
      });
    },
  };
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

function writing(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    const isForbidden = ['EACCES', 'EPERM', 'EROFS'].includes(errnoOf(error) ?? '');
    throw new Problem(
      isForbidden ? 'no-permission' : 'file-not-written',
      `${path} cannot be written: ${messageOf(error)}.${isForbidden ? ' Run this as root.' : ''}`,
      { cause: error },
    );
  }
}

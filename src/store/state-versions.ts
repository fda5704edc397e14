/**
 * In which version the files of each day are, all days at once: for those who want to know cheaply, and often, which days have changed.
 */
import { join } from 'node:path';
import type { Disk } from '#support/disk.ts';
import { errnoOf } from '#support/problem.ts';
import { parseUtcDay } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { readProblem } from './store-problem.ts';

/** Another text whenever the files of the day are others. */
export type DayVersions = Map<UtcDay, string>;

/** Of what lies in all of the folders together. A folder that is not there has nothing. */
export function dayVersionsIn(disk: Disk, folders: readonly string[]): DayVersions {
  const versions: DayVersions = new Map();
  for (const folder of folders)
    for (const name of namesIn(disk, folder)) {
      const day = parseUtcDay(name.slice(0, DAY_LENGTH));
      if (day === undefined || name.endsWith('.lock')) continue;
      const status = disk.status(join(folder, name));
      const file = `${folder}/${name} ${String(status?.sizeBytes)} ${String(status?.modifiedMs)}\n`;
      versions.set(day, (versions.get(day) ?? '') + file);
    }
  return versions;
}

const DAY_LENGTH = 'YYYY-MM-DD'.length;

function namesIn(disk: Disk, folder: string): string[] {
  try {
    return disk.list(folder).sort();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw readProblem(folder, error);
  }
}

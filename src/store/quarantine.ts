/**
 * A bounded sample of the datagrams that could not be read, as they were received: `quarantine/`.
 *
 * For people who look for the cause; nothing reads them again. Each kind has room of its own, so that a flood of one kind drives out
 * no other, and the oldest give way to the newest; of a flood a few are kept each minute, so that it costs little. A file's number grows
 * from run to run. Losing one is no loss of a report, so nothing here is synced, and a disk that refuses is not a problem.
 */
import { join } from 'node:path';
import { systemDisk } from '#support/disk.ts';
import type { Disk } from '#support/disk.ts';
import {
  closeIfPossible,
  ensureDirectory,
  removeIfPossible,
  removeIfThere,
  writeFully,
} from '#support/durable-file.ts';
import { isDue } from '#support/is-due.ts';

export const quarantineLimits = {
  filesOfAKind: 20,
  bytesOfAKind: 1_048_576,
  /** What is longer is cut off; no datagram is. */
  fileBytes: 262_144,
  intervalMs: 60_000,
  newFilesInAnInterval: 10,
} as const;

/** As many digits as a number can have that is counted on. Nobody gets there, unless by a file that somebody else has left. */
const MOST_DIGITS = 15;
const HIGHEST_NUMBER = 10 ** MOST_DIGITS - 1;

interface KeptFile {
  readonly path: string;
  readonly number: number;
  readonly bytes: number;
}

/** What there is of one kind, as found when the interval began. */
interface Kept {
  readonly sinceMs: number;
  readonly files: KeptFile[];
  /** How many more may be tried in this interval. */
  triesLeft: number;
}

export class Quarantine {
  readonly #directory: string;
  readonly #disk: Disk;
  readonly #kinds = new Map<string, Kept>();

  constructor(directory: string, disk = systemDisk) {
    this.#directory = directory;
    this.#disk = disk;
  }

  /** Returns the file's path, or undefined when it is not kept. `reason` names the kind. */
  keep(bytes: Uint8Array, reason: string, atMs: number): string | undefined {
    const kind = reason.replace(/[^a-z-]/g, '-');
    try {
      const kept = this.#kept(kind, atMs);
      if (kept.triesLeft === 0) return undefined;
      kept.triesLeft -= 1;
      return this.#write(kept, kind, bytes.subarray(0, quarantineLimits.fileBytes), atMs);
    } catch {
      return undefined; // see above: a sample is a convenience
    }
  }

  #kept(kind: string, atMs: number): Kept {
    const known = this.#kinds.get(kind);
    if (known && !isDue(known.sinceMs, quarantineLimits.intervalMs, atMs)) return known;
    const kept: Kept = { sinceMs: atMs, files: [], triesLeft: 0 };
    this.#kinds.set(kind, kept);
    ensureDirectory(this.#directory, this.#disk);
    kept.files.push(...filesOfKind(this.#disk, this.#directory, kind));
    kept.triesLeft = quarantineLimits.newFilesInAnInterval;
    return kept;
  }

  #write({ files }: Kept, kind: string, bytes: Uint8Array, atMs: number): string {
    ensureDirectory(this.#directory, this.#disk);
    if (files.at(-1)?.number === HIGHEST_NUMBER) removeAll(this.#disk, files);
    const number = (files.at(-1)?.number ?? 0) + 1;
    makeRoom(this.#disk, files, bytes.length);
    const time = new Date(atMs).toISOString().replaceAll(':', '').slice(0, 17);
    const path = join(this.#directory, `${time}Z-${kind}-${String(number)}.json`);
    writeUnsynced(this.#disk, path, bytes);
    files.push({ path, number, bytes: bytes.length });
    return path;
  }
}

/** True for the name of a file that a collector has kept here; it begins with the day in which it did. */
export function isQuarantined(file: string): boolean {
  return /^\d{4}-\d{2}-\d{2}T\d{6}Z-[a-z-]+-\d+\.json$/.test(file);
}

/** Oldest first; files of other names are somebody else's. */
function filesOfKind(disk: Disk, directory: string, kind: string): KeptFile[] {
  const name = new RegExp(`^\\d{4}-\\d{2}-\\d{2}T\\d{6}Z-${kind}-(\\d{1,${String(MOST_DIGITS)}})\\.json$`);
  return disk
    .list(directory)
    .flatMap((entry) => {
      const [, number] = name.exec(entry) ?? [];
      const path = join(directory, entry);
      const found = number === undefined ? undefined : disk.status(path);
      return found ? [{ path, number: Number(number), bytes: found.sizeBytes }] : [];
    })
    .sort((one, other) => one.number - other.number);
}

function writeUnsynced(disk: Disk, path: string, bytes: Uint8Array): void {
  const fd = disk.open(path, 'create-new');
  try {
    writeFully(fd, bytes, 0, disk);
  } catch (error) {
    removeIfPossible(path, disk); // half a sample would keep the next from its name
    throw error;
  } finally {
    closeIfPossible(fd, disk);
  }
}

function makeRoom(disk: Disk, files: KeptFile[], newBytes: number): void {
  const { filesOfAKind, bytesOfAKind } = quarantineLimits;
  while (files.length >= filesOfAKind || totalBytes(files) + newBytes > bytesOfAKind) {
    if (files.length === 0) return;
    removeOldest(disk, files);
  }
}

function removeAll(disk: Disk, files: KeptFile[]): void {
  while (files.length > 0) removeOldest(disk, files);
}

function removeOldest(disk: Disk, files: KeptFile[]): void {
  const [oldest] = files;
  if (oldest) removeIfThere(oldest.path, disk);
  files.shift();
}

function totalBytes(files: readonly KeptFile[]): number {
  return files.reduce((total, { bytes }) => total + bytes, 0);
}

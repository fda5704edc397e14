/**
 * Files by which units of systemd are made or changed, each of which is in effect once it is written or removed.
 *
 * Problems: system-command-failed, no-permission.
 */
import { lstatSync, mkdirSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { publishFile, removeFile, removeIfThere } from '#support/durable-file.ts';
import { lookingAt } from '#support/looking-at.ts';
import { errnoOf } from '#support/problem.ts';
import { readSocketUnit, systemctl } from './systemctl.ts';

/** The content of a file of systemd's; null when there is none. */
export function readUnitFile(path: string): string | null {
  try {
    return lookingAt(path, () => readFileSync(path, 'utf8'));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Writes what changes the unit of a socket, or takes it away, and starts the unit and its service anew where they run. */
export function writeDropIn(path: string, unit: string, content: string | null): void {
  const before = readSocketUnit(unit)?.path;
  writeUnitFile(path, content);
  // In one call: a socket cannot be started under a service that runs.
  systemctl(['try-restart', unit, unit.replace(/\.socket$/, '.service')]);
  if (before !== undefined && before !== readSocketUnit(unit)?.path) removeSocket(before);
}

/** RemoveOnStop= is for the names that the unit has now. */
function removeSocket(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) removeIfThere(path);
}

/** Writes a unit and starts it, now and at boot, or anew where it runs; or stops it and takes it away. */
export function writeUnit(path: string, unit: string, content: string | null): void {
  if (content === null) systemctl(['disable', '--now', unit]);
  writeUnitFile(path, content);
  if (content === null) return;
  systemctl(['enable', unit]);
  systemctl(['restart', unit]);
}

/**
 * False for a bind mount that shows a directory which is gone: one that has its name by now is another. systemd takes no notice. `path` is that of the
 * unit's file.
 */
export function isMountSound(path: string): boolean {
  const text = readUnitFile(path) ?? '';
  const [what, where] = [/^What=(.*)$/m, /^Where=(.*)$/m].map((line) => directoryNumber(line.exec(text)?.[1]));
  return what === where;
}

function directoryNumber(path: string | undefined): string | undefined {
  const stats = path === undefined ? undefined : lookingAt(path, () => statSync(path, { throwIfNoEntry: false }));
  return stats && `${String(stats.dev)}:${String(stats.ino)}`;
}

function writeUnitFile(path: string, content: string | null): void {
  if (content === null) {
    removeFile(path);
    removeIfEmpty(dirname(path));
  } else {
    mkdirSync(dirname(path), { recursive: true });
    publishFile(path, Buffer.from(content));
  }
  systemctl(['daemon-reload']);
}

/** A directory for the drop-ins of one unit. */
function removeIfEmpty(directory: string): void {
  if (!directory.endsWith('.d')) return;
  try {
    rmdirSync(directory);
  } catch {
    // Others have put something there.
  }
}

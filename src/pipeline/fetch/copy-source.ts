/**
 * Copies one day from one source to a private place, `fetched/FOLDER/.copy/`, until it is known to be good.
 *
 * A complete day that is here already is copied again only when its source has another version of it: its host has added to it.
 * What a killed run left there is removed first. The copy of a day that is not over is folded into a single file, like the
 * others. Throws the system's error when nothing can be written there.
 */
import { closeSync, openSync, readSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { foldJournal } from '#store/durable/fold-journal.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { sessionDayKind } from '#store/session-day.ts';
import type { StateDirectory } from '#store/state-directory.ts';
import { ensureDirectory } from '#support/durable-file.ts';
import { errnoOf } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { DayCopy } from './kept-days.ts';
import { sourceFolder } from '#store/source-folder.ts';
import type { CopyResult, FileVersion, Progress, StateSource } from './state-source.ts';
import { verifyCopy } from './verify-copy.ts';
import type { VerifiedCopy } from './verify-copy.ts';

export interface CopyOptions {
  readonly state: StateDirectory;
  readonly sqlite: Sqlite;
  readonly day: UtcDay;
  /** Takes what there is so far of a day that its source has not closed. */
  readonly partial: boolean;
}

export type SourceCopy =
  | { readonly kind: 'copied'; readonly copy: DayCopy }
  /** `unchecked`: why nobody knows whether its host has added to it since. */
  | { readonly kind: 'already-fetched'; readonly unchecked?: string }
  | Exclude<CopyResult, { kind: 'copied' | 'unchanged' }>;

type CheckedCopy = Exclude<VerifiedCopy, { kind: 'overtaken' }> | Exclude<CopyResult, { kind: 'copied' }>;

interface Copying extends CopyOptions {
  readonly folder: string;
  readonly stem: string;
  /** What is here already of a day that is asked for as a whole. */
  readonly known: FileVersion | undefined;
  readonly progress: Progress | undefined;
}

/** Takes in SQLite's change counter (https://www.sqlite.org/fileformat2.html 1.3) and the page with the file's generation. */
const HEAD_BYTES = 16_384;
const PRIVATE_FOLDER = '.copy';
/** Of one day, when checkpoints of its collector get in between. */
const MAX_COPIES = 3;

export async function copySource(source: StateSource, options: CopyOptions, progress?: Progress): Promise<SourceCopy> {
  const { state, day, partial } = options;
  const folder = sourceFolder(source.name);
  const known = partial ? undefined : versionOf(`${state.fetchedStem(folder, day)}.sqlite`);
  const copying = { ...options, folder, stem: join(privatePlace(state, folder), day), known, progress };
  const checked = await copyUntilConsistent(source, copying);
  return known ? againstKnown(conclude(checked, copying)) : conclude(checked, copying);
}

function conclude(checked: CheckedCopy, { folder, stem, partial, sqlite }: Copying): SourceCopy {
  switch (checked.kind) {
    case 'complete':
      return { kind: 'copied', copy: { folder, stem, origin: checked.origin, partial: false } };
    case 'growing':
      if (!partial) return { kind: 'not-closed' };
      foldJournal({ sqlite, stem, kind: sessionDayKind, finish: true });
      return { kind: 'copied', copy: { folder, stem, origin: checked.origin, partial: true } };
    case 'just-begun':
      return partial ? { kind: 'absent' } : { kind: 'not-closed' };
    case 'unchanged':
      return { kind: 'already-fetched' };
    case 'not-closed':
    case 'damaged':
    case 'absent':
    case 'unreachable':
    case 'refused':
      return checked;
  }
}

/** The day is here; that its source has nothing better to give now is no failure. */
function againstKnown(result: SourceCopy): SourceCopy {
  switch (result.kind) {
    case 'copied':
    case 'damaged':
    case 'already-fetched':
      return result;
    case 'absent':
    case 'not-closed':
      return { kind: 'already-fetched' };
    case 'unreachable':
    case 'refused':
      return { kind: 'already-fetched', unchecked: result.why };
  }
}

/** Removes the private place, and the source's folder when there is nothing in it. */
export function discardCopy(source: StateSource, state: StateDirectory): void {
  const place = privatePlace(state, sourceFolder(source.name));
  rmSync(place, { recursive: true, force: true });
  try {
    rmdirSync(dirname(place));
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(errnoOf(error) ?? '')) throw error;
  }
}

function privatePlace(state: StateDirectory, folder: string): string {
  return join(state.fetched, folder, PRIVATE_FOLDER);
}

async function copyUntilConsistent(source: StateSource, copying: Copying): Promise<CheckedCopy> {
  const { sqlite, day, stem, known, progress } = copying;
  for (let copies = 1; ; copies += 1) {
    rmSync(dirname(stem), { recursive: true, force: true });
    ensureDirectory(dirname(stem));
    const copied = await source.copyDay(day, stem, { ...(known && { known }), ...(progress && { progress }) });
    if (copied.kind !== 'copied') return copied;
    const verified = verifyCopy(sqlite, { stem, day, journal: copied.journal });
    if (verified.kind !== 'overtaken') return verified;
    if (copies === MAX_COPIES) return verified.asItStands;
  }
}

function versionOf(path: string): FileVersion | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return undefined;
  return { sizeBytes: stats.size, modifiedSeconds: Math.floor(stats.mtimeMs / 1_000), head: headOf(path) };
}

function headOf(path: string): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  const fd = openSync(path, 'r');
  try {
    return head.subarray(0, readSync(fd, head));
  } finally {
    closeSync(fd);
  }
}

/**
 * Copies one day from one source to a private place, `fetched/FOLDER/.copy/`, until it is known to be good.
 *
 * What a killed run left there is removed first. The copy of a day that is not over is folded into a single file, like the
 * others. Throws the system's error when nothing can be written there.
 */
import { existsSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { foldJournal } from '#store/durable/fold-journal.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { sessionDayKind } from '#store/session-day.ts';
import type { StateDirectory } from '#store/state-directory.ts';
import { ensureDirectory } from '#support/durable-file.ts';
import { errnoOf } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { DayCopy } from './kept-days.ts';
import { sourceFolder } from './source-folder.ts';
import type { CopyResult, StateSource } from './state-source.ts';
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
  | { readonly kind: 'already-fetched' }
  | { readonly kind: 'not-closed' }
  | { readonly kind: 'damaged'; readonly why: string }
  | Exclude<CopyResult, { kind: 'copied' }>;

type CheckedCopy = Exclude<VerifiedCopy, { kind: 'overtaken' }> | Exclude<CopyResult, { kind: 'copied' }>;

const PRIVATE_FOLDER = '.copy';
/** Of one day, when checkpoints of its collector get in between. */
const MAX_COPIES = 3;

export async function copySource(source: StateSource, options: CopyOptions): Promise<SourceCopy> {
  const { state, day, partial } = options;
  const folder = sourceFolder(source.name);
  if (!partial && existsSync(`${state.fetchedStem(folder, day)}.sqlite`)) return { kind: 'already-fetched' };
  const stem = join(privatePlace(state, folder), day);
  const checked = await copyUntilConsistent(source, stem, options);
  switch (checked.kind) {
    case 'complete':
      return { kind: 'copied', copy: { folder, stem, origin: checked.origin, partial: false } };
    case 'growing':
      if (!partial) return { kind: 'not-closed' };
      foldJournal({ sqlite: options.sqlite, stem, kind: sessionDayKind, finish: true });
      return { kind: 'copied', copy: { folder, stem, origin: checked.origin, partial: true } };
    case 'just-begun':
      return partial ? { kind: 'absent' } : { kind: 'not-closed' };
    case 'damaged':
    case 'absent':
    case 'unreachable':
    case 'refused':
      return checked;
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

async function copyUntilConsistent(
  source: StateSource,
  stem: string,
  { sqlite, day }: CopyOptions,
): Promise<CheckedCopy> {
  for (let copies = 1; ; copies += 1) {
    rmSync(dirname(stem), { recursive: true, force: true });
    ensureDirectory(dirname(stem));
    const copied = await source.copyDay(day, stem);
    if (copied.kind !== 'copied') return copied;
    const verified = verifyCopy(sqlite, { stem, day, journal: copied.journal });
    if (verified.kind !== 'overtaken') return verified;
    if (copies === MAX_COPIES) return verified.asItStands;
  }
}

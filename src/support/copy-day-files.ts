/**
 * Copies the files of one day of a state directory from somewhere else, in the order that the port of fetch asks for
 * (pipeline/fetch/state-source.ts): its journals, and then its snapshot. Where there is nothing of the day, what shows whether the directory is sound.
 */
import { copyNumberedFiles } from './copy-numbered-files.ts';
import type { CopiedNumbered, FailedCopy } from './copy-numbered-files.ts';

export interface FileToCopy {
  /** Within the state directory. */
  readonly path: string;
  /** Where the copy is to be. */
  readonly to: string;
  readonly maxBytes: number | undefined;
  /** Only for the snapshot. */
  readonly progress?: ((done: number, total: number) => void) | undefined;
}

export interface DayFiles extends Pick<FileToCopy, 'maxBytes' | 'progress'> {
  readonly day: string;
  /** All that is in sessions/. */
  readonly names: readonly string[];
  /** The path of the copies, without what follows the day in their names. */
  readonly into: string;
  readonly copy: (file: FileToCopy) => Promise<{ readonly kind: 'saved' } | { readonly kind: 'missing' } | FailedCopy>;
}

export type CopiedDay =
  /** `journal`: there was at least one in sessions/. */
  | { readonly kind: 'copied'; readonly journal: boolean }
  | { readonly kind: 'absent' }
  | Exclude<CopiedNumbered, { kind: 'copied' }>;

export async function copyDayFiles({ day, names, into, maxBytes, progress, copy }: DayFiles): Promise<CopiedDay> {
  const journals = await copyNumberedFiles({
    names,
    stem: day,
    extension: 'journal',
    into,
    maxBytes,
    copy: (name, to, bytesLeft) => copy({ path: `sessions/${name}`, to, maxBytes: bytesLeft }),
  });
  if (journals.kind !== 'copied') return ofThisDay(journals);
  const snapshot = await copy({ path: `sessions/${day}.sqlite`, to: `${into}.sqlite`, maxBytes, progress });
  if (snapshot.kind !== 'saved' && snapshot.kind !== 'missing') return ofThisDay(snapshot);
  const isThere = snapshot.kind === 'saved' || journals.copies > 0;
  if (isThere) return { kind: 'copied', journal: journals.listed > 0 };
  const identity = await copy({ path: 'identity', to: `${into}.identity`, maxBytes });
  return identity.kind === 'saved' || identity.kind === 'missing' ? { kind: 'absent' } : ofThisDay(identity);
}

/** A file that is refused says nothing of those of other days. */
export function ofThisDay<Failure extends { readonly kind: string }>(
  failure: Failure,
): Failure & { readonly ofDay?: boolean } {
  return failure.kind === 'refused' ? { ...failure, ofDay: true } : failure;
}

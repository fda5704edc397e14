/**
 * Copies the files of one day of a state directory from somewhere else, in the order that the port of fetch asks for
 * (pipeline/fetch/state-source.ts): its journals, and then its snapshot.
 */
import { copyNumberedFiles } from './copy-numbered-files.ts';
import type { CopiedNumbered, FailedCopy } from './copy-numbered-files.ts';

export interface FileToCopy {
  readonly name: string;
  /** The path of the copy. */
  readonly to: string;
  readonly maxBytes: number | undefined;
  /** Only for the snapshot. */
  readonly progress?: ((done: number, total: number) => void) | undefined;
}

export interface DayFiles extends Pick<FileToCopy, 'maxBytes' | 'progress'> {
  readonly day: string;
  /** All that is in the directory. */
  readonly names: readonly string[];
  /** The path of the copies, without what follows the day in their names. */
  readonly into: string;
  readonly copy: (file: FileToCopy) => Promise<{ readonly kind: 'saved' } | { readonly kind: 'missing' } | FailedCopy>;
}

export type CopiedDay =
  /** `journal`: there was at least one in the directory. */
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
    copy: (name, to, bytesLeft) => copy({ name, to, maxBytes: bytesLeft }),
  });
  if (journals.kind !== 'copied') return ofThisDay(journals);
  const snapshot = await copy({ name: `${day}.sqlite`, to: `${into}.sqlite`, maxBytes, progress });
  if (snapshot.kind !== 'saved' && snapshot.kind !== 'missing') return ofThisDay(snapshot);
  const isThere = snapshot.kind === 'saved' || journals.copies > 0;
  return isThere ? { kind: 'copied', journal: journals.listed > 0 } : { kind: 'absent' };
}

/** A file that is refused says nothing of those of other days. */
export function ofThisDay<Failure extends { readonly kind: string }>(
  failure: Failure,
): Failure & { readonly ofDay?: boolean } {
  return failure.kind === 'refused' ? { ...failure, ofDay: true } : failure;
}

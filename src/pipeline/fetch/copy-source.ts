/**
 * Copies one day from one source to a private place until it is known to be good.
 *
 * A complete day that is here already is copied again only when its source has another version of it: its host has added to it.
 * Throws the system's error when nothing can be written there.
 */
import type { DayCopy } from '#store/kept-days.ts';
import type { PrivateCopy } from '#store/private-copy.ts';
import type { Store } from '#store/store.ts';
import type { VerifiedCopy } from '#store/verify-copy.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { CopyResult, FileVersion, Progress, StateSource } from './state-source.ts';

export interface CopyOptions {
  readonly store: Store;
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
  readonly copy: PrivateCopy;
  /** What is here already of a day that is asked for as a whole. */
  readonly known: FileVersion | undefined;
  readonly progress: Progress | undefined;
}

/** Of one day, when checkpoints of its collector get in between. */
const MAX_COPIES = 3;

export async function copySource(source: StateSource, options: CopyOptions, progress?: Progress): Promise<SourceCopy> {
  const { store, day, partial } = options;
  const known = partial ? undefined : store.fetched.versionOf(source.name, day);
  const copying = { ...options, copy: store.fetched.privateCopy(source.name, day), known, progress };
  const checked = await copyUntilConsistent(source, copying);
  return known ? againstKnown(conclude(checked, copying)) : conclude(checked, copying);
}

function conclude(checked: CheckedCopy, { copy, partial }: Copying): SourceCopy {
  switch (checked.kind) {
    case 'complete':
      return { kind: 'copied', copy: copy.complete(checked.origin) };
    case 'growing':
      return partial ? { kind: 'copied', copy: copy.partial(checked.origin) } : { kind: 'not-closed' };
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

async function copyUntilConsistent(source: StateSource, copying: Copying): Promise<CheckedCopy> {
  const { day, copy, known, progress } = copying;
  for (let copies = 1; ; copies += 1) {
    copy.empty();
    const copied = await source.copyDay(day, copy.stem, { ...(known && { known }), ...(progress && { progress }) });
    if (copied.kind !== 'copied') return copied;
    const verified = copy.verify(copied.journal);
    if (verified.kind !== 'overtaken') return verified;
    if (copies === MAX_COPIES) return verified.asItStands;
  }
}

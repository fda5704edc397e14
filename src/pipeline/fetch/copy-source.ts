/**
 * Copies one day from one source to a private place until it is known to be good.
 *
 * A complete day that is here already is copied again only when its source has another version of it: its host has added to it.
 * Throws the system's error when nothing can be written there.
 */
import type { DayCopy } from '#store/fetched/kept-days.ts';
import type { PrivateCopy } from '#store/fetched/private-copy.ts';
import type { Store } from '#store/store.ts';
import type { VerifiedCopy } from '#store/fetched/verify-copy.ts';
import { withinDeadline } from '#support/within-deadline.ts';
import type { Deadline } from '#support/within-deadline.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { CopyResult, FileVersion, Progress, StateSource } from './state-source.ts';

export interface CopyOptions {
  readonly store: Store;
  readonly day: UtcDay;
  /** Takes what there is so far of a day that its source has not closed. */
  readonly partial: boolean;
  /** How long a source may take for everything: to be reached, to give the day, and for that to be read. */
  readonly deadlineMs: number;
  /** Once it aborts, what is under way is given up. */
  readonly stopping?: AbortSignal | undefined;
}

export type SourceCopy =
  /** `unreadable`: what of it is left out, as sentences. */
  | { readonly kind: 'copied'; readonly copy: DayCopy; readonly unreadable: readonly string[] }
  /** `unchecked`: why nobody knows whether its host has added to it since. */
  | { readonly kind: 'already-fetched'; readonly unchecked?: string }
  | Exclude<CopyResult, { kind: 'copied' | 'unchanged' }>;

export interface CopyEnd {
  readonly result: SourceCopy;
  /**
   * For a source that is asked for no further day in this run: it can be expected to answer alike, and may take many attempts for an attack; or
   * it has let its time pass, and would do so for each day.
   */
  readonly isGivenUp: boolean;
}

type CheckedCopy = VerifiedCopy | Exclude<CopyResult, { kind: 'copied' }>;

interface Copying extends CopyOptions {
  readonly copy: PrivateCopy;
  /** What is here already of a day that is asked for as a whole. */
  readonly known: FileVersion | undefined;
  readonly progress: Progress | undefined;
}

export async function copySource(source: StateSource, options: CopyOptions, progress?: Progress): Promise<CopyEnd> {
  const { store, day, partial } = options;
  const known = partial ? undefined : store.fetched.versionOf(source.name, day);
  const copying = { ...options, copy: store.fetched.privateCopy(source.name, day), known, progress };
  const time = timeOf(options);
  const end = await withinDeadline(time, async (signal) => {
    const inTime = await copyAndVerify(source, copying, signal);
    return { checked: inTime, isOverdue: signal.aborted };
  });
  const { checked, isOverdue } = end ?? { checked: { kind: 'unreachable', why: time.why }, isOverdue: true };
  const result = conclude(checked, copying);
  return { result: known ? againstKnown(result) : result, isGivenUp: isOverdue || isUnwilling(checked) };
}

function isUnwilling(checked: CheckedCopy): boolean {
  return checked.kind === 'unreachable' || (checked.kind === 'refused' && checked.ofDay !== true);
}

function timeOf({ deadlineMs, stopping }: CopyOptions): Deadline {
  return { deadlineMs, stopping, why: `it has not given the day within ${String(deadlineMs / 1_000)} s` };
}

function conclude(checked: CheckedCopy, copying: Copying): SourceCopy {
  switch (checked.kind) {
    case 'complete':
    case 'growing':
    case 'just-begun':
      return concludeRead(checked, copying);
    case 'unchanged':
      return { kind: 'already-fetched' };
    case 'absent':
      return copying.copy.isOfDamagedIdentity() ? storesNothing : checked;
    case 'not-closed':
    case 'damaged':
    case 'gone':
    case 'unreachable':
    case 'refused':
      return checked;
  }
}

/** Other days may be there, from before. */
const storesNothing: SourceCopy = {
  kind: 'refused',
  why: 'it has nothing for that day, and its collector can store nothing: the file identity in its state directory is damaged',
  advice: 'On that host, restore the file from a backup; without one remove it.',
  ofDay: true,
};

type ReadCopy = Extract<VerifiedCopy, { kind: 'complete' | 'growing' | 'just-begun' }>;

function concludeRead(read: ReadCopy, { copy, partial }: Copying): SourceCopy {
  if (read.kind === 'just-begun') return partial ? { kind: 'absent' } : { kind: 'not-closed' };
  const isPart = read.kind === 'growing';
  if (isPart && !partial) return { kind: 'not-closed' };
  return { kind: 'copied', copy: copy.dayCopy(read, isPart), unreadable: read.unreadable };
}

/** The day is here; that its source has nothing better to give now is no failure. */
function againstKnown(result: SourceCopy): SourceCopy {
  switch (result.kind) {
    case 'copied':
    case 'damaged':
    case 'already-fetched':
      return result;
    case 'absent':
    case 'gone':
    case 'not-closed':
      return { kind: 'already-fetched' };
    case 'unreachable':
    case 'refused':
      return { kind: 'already-fetched', unchecked: result.why };
  }
}

async function copyAndVerify(
  source: StateSource,
  { day, copy, known, partial, progress }: Copying,
  signal: AbortSignal,
): Promise<CheckedCopy> {
  copy.empty();
  const copied = await source.copyDay(day, copy.stem, { ...(known && { known }), partial, progress, signal });
  if (copied.kind !== 'copied') return copied;
  return alsoLeftOut(await copy.verify(copied.journal, signal), copied.leftOut);
}

function alsoLeftOut(verified: VerifiedCopy, leftOut: readonly string[] = []): VerifiedCopy {
  return 'unreadable' in verified ? { ...verified, unreadable: [...leftOut, ...verified.unreadable] } : verified;
}

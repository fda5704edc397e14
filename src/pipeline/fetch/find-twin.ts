/**
 * Finds out who else has the identity that a copied day carries: one state directory that is reached in two ways, or two that have one identity.
 */
import type { DayCopy, KeptDays } from '#store/fetched/kept-days.ts';
import type { Store } from '#store/store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { StateSource } from './state-source.ts';

/** Another source, of which the day is kept. */
export interface KeptTwin {
  readonly name: string;
  readonly folder: string;
  /** What is kept is what there was so far. */
  readonly partial: boolean;
  /** False when its sessions are others. */
  readonly isSame: boolean;
}

/** This state directory itself. */
type OwnTwin = Pick<KeptTwin, 'isSame'> & { readonly name: undefined };

export type Twin = KeptTwin | OwnTwin;

export interface TwinOptions {
  readonly store: Store;
  readonly day: UtcDay;
  readonly kept: KeptDays;
  readonly sources: readonly StateSource[];
}

export function findTwin(copy: DayCopy, options: TwinOptions): Twin | undefined {
  const { store, day, kept } = options;
  const { fetched, sessions } = store;
  if (copy.origin === store.identity()) return { name: undefined, isSame: fetched.isSame(copy, sessions.read(day)) };
  const twin = kept.twinOf(copy);
  if (!twin) return undefined;
  const { folder, partial } = twin;
  const reader = partial ? fetched.readPartial(folder, day) : fetched.read(folder, day);
  return { name: sourceOfFolder(folder, options), folder, partial, isSame: fetched.isSame(copy, reader) };
}

function sourceOfFolder(folder: string, { sources, store }: TwinOptions): string {
  return sources.find(({ name }) => store.fetched.folderOf(name) === folder)?.name ?? `fetched/${folder}`;
}

/**
 * Finds out who else has the identity that a copied day carries: one state directory that is reached in two ways, or two that have one identity.
 */
import type { DayCopy, KeptDays } from '#store/kept-days.ts';
import type { Store } from '#store/store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { StateSource } from './state-source.ts';

/** Another source, of which the day is kept. */
export interface KeptTwin {
  readonly name: string;
  readonly folder: string;
  /** False when its sessions are others. Of a day that is not over nobody can tell. */
  readonly isSame: boolean;
}

/** This state directory itself. */
type OwnTwin = Pick<KeptTwin, 'isSame'> & { readonly name: undefined; readonly folder: undefined };

export interface TwinOptions {
  readonly store: Store;
  readonly day: UtcDay;
  readonly kept: KeptDays;
  readonly sources: readonly StateSource[];
}

export function findTwin(copy: DayCopy, options: TwinOptions): KeptTwin | OwnTwin | undefined {
  const { store, day, kept } = options;
  const isSame = (digest: string | undefined): boolean => copy.partial || digest === copy.digest;
  if (copy.origin === store.identity())
    return { name: undefined, folder: undefined, isSame: isSame(store.sessions.digestOf(day)) };
  const folder = kept.twinOf(copy);
  if (folder === undefined) return undefined;
  return { name: sourceOfFolder(folder, options), folder, isSame: isSame(store.fetched.digestOf(folder, day)) };
}

function sourceOfFolder(folder: string, { sources, store }: TwinOptions): string {
  return sources.find(({ name }) => store.fetched.folderOf(name) === folder)?.name ?? `fetched/${folder}`;
}

/**
 * Puts the hosts in the place of a source that stands for many of them: each has a copy, a result and a deadline of its own, as any source.
 *
 * That the place has named them is its result. One that cannot, or has none to name, is asked for the day as it is, and so says why.
 */
import type { SourceResult } from '#store/fetched/fetch-results.ts';
import { withinDeadline } from '#support/within-deadline.ts';
import type { CopyOptions } from './copy-source.ts';
import type { SourceTimes } from './source-times.ts';
import type { StateSource } from './state-source.ts';

export interface ListOptions extends Pick<CopyOptions, 'store' | 'day' | 'stopping'> {
  readonly sources: readonly StateSource[];
  readonly times: SourceTimes;
  /** What can be said of the day depends on it. */
  readonly asked: Pick<SourceResult, 'askedAt' | 'partial'>;
}

export async function listHosts(options: ListOptions): Promise<StateSource[]> {
  const listed = await Promise.all(options.sources.map((source) => hostsOf(source, options)));
  return listed.flat();
}

async function hostsOf(source: StateSource, options: ListOptions): Promise<readonly StateSource[]> {
  const { name, hosts } = source;
  const { store, day, times, stopping, asked } = options;
  if (!hosts) return [source];
  const why = 'it has not said in time which hosts there are';
  const found = await times.whileAsked(name, (deadlineMs) =>
    withinDeadline({ deadlineMs, why, stopping }, (signal) => hosts(day, signal)),
  );
  if (!found || 'kind' in found || found.length === 0) return [source];
  await store.fetched.noteIfPossible(day, [{ source: name, result: 'listed', ...asked }]);
  times.renew(name);
  return found;
}

/** Whether the one source is a host that the other has named. */
export function isHostOf(host: string, source: string): boolean {
  return host.startsWith(`${source}#`);
}

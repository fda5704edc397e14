/**
 * What was collected on one day, on this host and those it fetched from, each state directory once.
 */
import type { SessionDayReader } from '#store/sessions/session-day.ts';
import type { Store } from '#store/store.ts';
import type { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { eachOrigin } from './each-origin.ts';

export interface CollectedStatus {
  readonly datagrams: number;
  readonly tallied: number;
  readonly rejected: number;
  /** Lost, since there was no room for them; not among `datagrams`. */
  readonly dropped: number;
  /** By the reason for which they could not be read. */
  readonly rejectedByKind: Readonly<Record<string, number>>;
  /** How many were known by their bytes, so that they need not be parsed. */
  readonly recognised: number;
  readonly domains: number;
  /** How many datagrams had details that the day has no room for, each different one once for each time that it was journaled. */
  readonly detailsMerged: number;
  /** The same of the first domains of which there were such. */
  readonly detailsMergedByDomain: Readonly<Record<string, number>>;
  /** Failures of which no more is counted than that their sessions failed. */
  readonly failuresLeftOut: number;
  /** The most that waited between the receiver and the tally. */
  readonly ringPeakBytes: number;
  readonly checkpoints: number;
  /** The longest that a checkpoint kept the tally waiting. */
  readonly checkpointPauseMs: number;
  readonly journaledBytes: number;
}

const PEAKS: readonly string[] = ['ring-peak-bytes', 'checkpoint-pause-ms'];
const REJECTED = 'rejected-';

/** What cannot be read is left out; `refused` is called with the reason. `alsoRead` gets each reader as well. */
export function readCollected(
  store: Pick<Store, 'sessions' | 'fetched'>,
  day: UtcDay,
  refused: (problem: Problem) => void,
  alsoRead: (reader: SessionDayReader) => void = () => undefined,
): CollectedStatus {
  const sums: Sums = { counters: new Map(), domains: new Set(), merged: new Map() };
  eachOrigin(store, day, refused, (reader) => {
    addUp(reader, sums);
    alsoRead(reader);
  });
  return statusOf(sums);
}

interface Sums {
  readonly counters: Map<string, number>;
  readonly domains: Set<string>;
  readonly merged: Map<string, number>;
}

function addUp(reader: SessionDayReader, { counters, domains, merged }: Sums): void {
  for (const [name, value] of reader.counters()) {
    const before = counters.get(name) ?? 0;
    counters.set(name, PEAKS.includes(name) ? Math.max(before, value) : before + value);
  }
  for (const domain of reader.domains()) domains.add(domain);
  for (const [domain, count] of reader.mergedDomains()) merged.set(domain, (merged.get(domain) ?? 0) + count);
}

function statusOf({ counters, domains, merged }: Sums): CollectedStatus {
  const counterOf = (name: string): number => counters.get(name) ?? 0;
  const [datagrams, rejected] = [counterOf('datagrams'), counterOf('rejected')];
  const kinds = [...counters].filter(([name]) => name.startsWith(REJECTED)).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    datagrams,
    tallied: datagrams - rejected,
    rejected,
    dropped: counterOf('dropped'),
    rejectedByKind: Object.fromEntries(kinds.map(([name, count]) => [name.slice(REJECTED.length), count])),
    recognised: counterOf('recognised'),
    domains: domains.size,
    detailsMerged: counterOf('details-merged'),
    detailsMergedByDomain: Object.fromEntries([...merged].sort(([a], [b]) => (a < b ? -1 : 1))),
    failuresLeftOut: counterOf('failures-left-out'),
    ringPeakBytes: counterOf('ring-peak-bytes'),
    checkpoints: counterOf('checkpoints'),
    checkpointPauseMs: counterOf('checkpoint-pause-ms'),
    journaledBytes: counterOf('journaled-bytes'),
  };
}

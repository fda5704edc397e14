/**
 * What was collected on one day, on this host and those it fetched from, each state directory once.
 */
import type { SessionDayReader } from '#store/session-day.ts';
import type { Store } from '#store/store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface CollectedStatus {
  readonly datagrams: number;
  readonly tallied: number;
  readonly rejected: number;
  /** By the reason for which they could not be read. */
  readonly rejectedByKind: Readonly<Record<string, number>>;
  /** How many were known by their bytes, so that they need not be parsed. */
  readonly recognised: number;
  readonly domains: number;
  /** The most that waited between the receiver and the tally. */
  readonly ringPeakBytes: number;
  readonly checkpoints: number;
  /** The longest that a checkpoint kept the tally waiting. */
  readonly checkpointPauseMs: number;
  readonly journaledBytes: number;
}

const PEAKS: readonly string[] = ['ring-peak-bytes', 'checkpoint-pause-ms'];
const REJECTED = 'rejected-';

export function readCollected(store: Store, day: UtcDay): CollectedStatus {
  const counters = new Map<string, number>();
  const domains = new Set<string>();
  for (const reader of readersOf(store, day)) {
    for (const [name, value] of reader.counters()) {
      const before = counters.get(name) ?? 0;
      counters.set(name, PEAKS.includes(name) ? Math.max(before, value) : before + value);
    }
    for (const domain of reader.domains()) domains.add(domain);
  }
  return statusOf(counters, domains.size);
}

function* readersOf(store: Store, day: UtcDay): Generator<SessionDayReader> {
  const origins = new Set<string>();
  for (const reader of allReadersOf(store, day)) {
    const origin = reader.identity?.origin;
    if (origin === undefined || !origins.has(origin)) yield reader;
    if (origin !== undefined) origins.add(origin);
    reader.close();
  }
}

/** One at a time: each is closed before the next is opened. */
function* allReadersOf({ sessions, fetched }: Store, day: UtcDay): Generator<SessionDayReader> {
  const folders = fetched.folders();
  const own = sessions.read(day);
  if (own) yield own;
  for (const read of [fetched.read.bind(fetched), fetched.readPartial.bind(fetched)]) {
    for (const folder of folders) {
      const reader = read(folder, day);
      if (reader) yield reader;
    }
  }
}

function statusOf(counters: ReadonlyMap<string, number>, domains: number): CollectedStatus {
  const counterOf = (name: string): number => counters.get(name) ?? 0;
  const [datagrams, rejected] = [counterOf('datagrams'), counterOf('rejected')];
  const kinds = [...counters].filter(([name]) => name.startsWith(REJECTED)).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    datagrams,
    tallied: datagrams - rejected,
    rejected,
    rejectedByKind: Object.fromEntries(kinds.map(([name, count]) => [name.slice(REJECTED.length), count])),
    recognised: counterOf('recognised'),
    domains,
    ringPeakBytes: counterOf('ring-peak-bytes'),
    checkpoints: counterOf('checkpoints'),
    checkpointPauseMs: counterOf('checkpoint-pause-ms'),
    journaledBytes: counterOf('journaled-bytes'),
  };
}

/**
 * A process of its own that writes the files of one day with many domains, as several hosts saw them.
 *
 * Its one argument is a JSON {@link DayGeneratorOptions}. The first host is this one, the others were fetched from.
 */
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { foldJournal } from '#store/durable/fold-journal.ts';
import { sessionDayKind } from '#store/session-day.ts';
import type { StoredFailure, StoredPolicy } from '#store/session-day.ts';
import { SessionDayWriter } from '#store/session-day-writer.ts';
import { StateDirectory } from '#store/state-directory.ts';
import { readDatagram } from '#tlsrpt/datagram.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { datagramOf } from './datagram-corpus.ts';

export interface DayGeneratorOptions {
  readonly stateDir: string;
  readonly day: UtcDay;
  readonly domains: number;
  readonly hosts: number;
}

export interface DayGeneratorResult {
  /** Where the reports about the day will be. */
  readonly outboxStem: string;
}

/** One in five domains has a failure. */
const FAILURES = 0.2;
const SUCCESSES = 10;
const CHUNK = 10_000;

const options = JSON.parse(process.argv[2] ?? '') as DayGeneratorOptions;
void loadSqlite().then((sqlite) => {
  for (let host = 0; host < options.hosts; host += 1) writeDay(sqlite, host, options);
  process.stdout.write(`${JSON.stringify(resultOf(options))}\n`);
});

function resultOf({ stateDir, day }: DayGeneratorOptions): DayGeneratorResult {
  return { outboxStem: new StateDirectory(stateDir).outboxStem(day) };
}

function writeDay(sqlite: Sqlite, host: number, { stateDir, day, domains }: DayGeneratorOptions): void {
  const state = new StateDirectory(stateDir);
  const origin = `mx${String(host)}`;
  const stem = host === 0 ? state.sessionStem(day) : state.fetchedStem(origin, day);
  const sessions = SessionDayWriter.open({ sqlite, stem, identity: { day, origin }, restore: () => undefined });
  for (let first = 0; first < domains; first += CHUNK) {
    const indexes = Array.from({ length: Math.min(CHUNK, domains - first) }, (_, index) => first + index);
    append(
      sessions,
      indexes.map((index) => storedDomain(index, domains)),
    );
  }
  foldJournal({ sqlite, stem, kind: sessionDayKind, finish: true });
  sessions.close();
}

interface StoredDomain {
  readonly policy: StoredPolicy;
  readonly failures: readonly StoredFailure[];
}

function append(sessions: SessionDayWriter, stored: readonly StoredDomain[]): void {
  sessions.append({
    policies: stored.map(({ policy }) => policy),
    failures: stored.flatMap(({ failures }) => failures),
    policyCounts: stored.flatMap(({ policy, failures }) => [policy.id, SUCCESSES, failures.length]),
    failureCounts: stored.flatMap(({ failures }) => failures.flatMap(({ id }) => [id, 1])),
    counters: new Map(),
  });
}

function storedDomain(index: number, domains: number): StoredDomain {
  const reading = readDatagram(datagramOf(index, { domains, failures: FAILURES }));
  const outcome = reading.kind === 'session' ? reading.session.outcomes[0] : undefined;
  if (reading.kind !== 'session' || !outcome) throw new Error(`datagram ${String(index)} of the corpus is none`);
  const { domain, record } = reading.session;
  return {
    policy: { id: index, domain, record, policy: outcome.policy },
    failures: outcome.failures.map((details) => ({ id: index, policyId: index, details })),
  };
}

/**
 * Answers what pages ask of the state directory, from the store. Reads only, and takes no lock.
 */
import { readHeardDay } from '#pipeline/inbound/heard-day.ts';
import { readDomain } from '#pipeline/status/domain-sightings.ts';
import { missingOn } from '#pipeline/status/read-status.ts';
import { readSeenDay } from '#pipeline/status/seen-day.ts';
import type { Store } from '#store/store.ts';
import { containProblem } from '#support/contain-problem.ts';
import { gatheredProblems } from '#support/gathered-problems.ts';
import { previousDay, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { NO_DELIVERIES } from './state-reader.ts';
import type { DeliveredDay, ReportReading, StateQuestion, StateQuestions, StateVersions } from './state-reader.ts';

export interface AnsweringOptions {
  readonly store: Store;
  /** The names of the configured sources. */
  readonly sources: readonly string[];
  /** For the indices of domains, the same for all threads. */
  readonly key: string;
}

type Answers = StateQuestions[keyof StateQuestions][1];

/** Of what each day has undelivered. */
const MOST_UNDELIVERED = 50;

export function answerQuestion(question: StateQuestion, options: AnsweringOptions): Answers {
  const { store, key } = options;
  switch (question.kind) {
    case 'versions':
      return readVersions(question.nowMs, options);
    case 'seen':
      return readSeenDay(store, question.day, key);
    case 'delivered':
      return readDelivered(store, question);
    case 'heard':
      return readHeardDay(store, question);
    case 'domain':
      return readDomain(store, question);
    case 'report':
      return readReport(store, question);
  }
}

function readReport(store: Store, { day, reportId }: StateQuestions['report'][0]): ReportReading {
  const found = containProblem(
    () => store.outboxes.readReport(day, reportId),
    () => undefined,
  );
  return { found: found && { kind: 'report', day, ...found } };
}

function readVersions(nowMs: number, { store, sources }: AnsweringOptions): StateVersions {
  const { problems, note } = gatheredProblems();
  const versionsOf = (of: Parameters<Store['versions']>[0]): ReturnType<Store['versions']> =>
    containProblem(() => store.versions(of), note) ?? new Map<UtcDay, string>();
  const today = utcDayOf(nowMs);
  const yesterday = previousDay(today);
  const missing = containProblem(() => missingOn(yesterday, { store, sources, nowMs }), note) ?? [];
  const [seen, delivered, heard] = [versionsOf('sessions'), versionsOf('outbox'), versionsOf('inbound')];
  // What we saw ourselves stands beside what others reported, once the day is over.
  const besides = [...heard].map(
    ([day, version]) => [day, day < today ? version + (seen.get(day) ?? '') : version] as const,
  );
  return { seen, delivered, heard: new Map(besides), missing, problems };
}

function readDelivered(store: Store, { day, nowMs }: StateQuestions['delivered'][0]): DeliveredDay {
  const { problems, note } = gatheredProblems();
  const overview = containProblem(() => store.outboxes.overview(day, { nowMs, most: MOST_UNDELIVERED }), note);
  return { ...NO_DELIVERIES, ...overview, day, problems };
}

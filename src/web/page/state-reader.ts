/**
 * The port by which pages get at the state directory: what is read of it is of a bounded size, whatever it holds.
 *
 * What cannot be read is told in the answer. Reading a day takes seconds where it is very large; all else is quick.
 */
import type { HeardDay } from '#pipeline/inbound/heard-day.ts';
import type { DomainQuestion, DomainSightings } from '#pipeline/status/domain-sightings.ts';
import type { FoundReport } from '#pipeline/status/find-report.ts';
import type { SeenReading } from '#pipeline/status/seen-day.ts';
import type { DeliveryOverview } from '#store/outbox/read-outbox.ts';
import type { ToldProblem } from '#support/gathered-problems.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

/** By day, another text whenever its files are others. */
export type Versions = ReadonlyMap<UtcDay, string>;

export interface StateVersions {
  readonly seen: Versions;
  readonly delivered: Versions;
  readonly heard: Versions;
  /** The sources whose part of yesterday is not here. */
  readonly missing: readonly string[];
  readonly problems: readonly ToldProblem[];
}

export interface DeliveredDay extends DeliveryOverview {
  readonly day: UtcDay;
  readonly problems: readonly ToldProblem[];
}

export const NO_DELIVERIES: DeliveryOverview = {
  reports: 0,
  withheld: 0,
  deliveries: [],
  firstDueMs: undefined,
  firstTriedMs: undefined,
  lastDeliveredMs: undefined,
  undelivered: { reasons: [], waiting: [], withheld: [] },
};

/** Nothing when there is no such report, or its day cannot be read. */
export interface ReportReading {
  readonly found: FoundReport | undefined;
}

/** What may be asked, and what is answered. */
export interface StateQuestions {
  readonly versions: readonly [question: { readonly nowMs: number }, answer: StateVersions];
  readonly seen: readonly [question: { readonly day: UtcDay }, answer: SeenReading];
  readonly delivered: readonly [question: { readonly day: UtcDay; readonly nowMs: number }, answer: DeliveredDay];
  readonly heard: readonly [question: { readonly day: UtcDay; readonly today: UtcDay }, answer: HeardDay];
  readonly domain: readonly [question: DomainQuestion, answer: DomainSightings];
  /** `day`: that which the report is about. */
  readonly report: readonly [question: { readonly day: UtcDay; readonly reportId: string }, answer: ReportReading];
}

export type StateQuestion = {
  readonly [Kind in keyof StateQuestions]: { readonly kind: Kind } & StateQuestions[Kind][0];
}[keyof StateQuestions];

export interface StateReader {
  /** Rejects for a bug alone. Undefined when the reading was given up, as it takes too long or too much memory. */
  ask<Kind extends keyof StateQuestions>(
    question: { readonly kind: Kind } & StateQuestions[Kind][0],
  ): Promise<StateQuestions[Kind][1] | undefined>;

  /** Gives back the memory that was taken; the next question may take longer. */
  rest(): Promise<void>;
}

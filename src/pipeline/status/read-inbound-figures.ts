/**
 * What others reported about us of the last days, in numbers: by whether it is shown who sent it, and by result type. Reads only.
 *
 * Types that are not known here are one, `other`, as strangers choose their names.
 */
import type { InboundEntry } from '#store/inbound/inbound-entry.ts';
import type { Store } from '#store/store.ts';
import { containProblem } from '#support/contain-problem.ts';
import type { Problem } from '#support/problem.ts';
import type { PolicySummary } from '#tlsrpt/inbound-summary.ts';
import { resultTypes } from '#tlsrpt/result-type.ts';
import type { KnownResultType } from '#tlsrpt/result-type.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

/** Most reports about a day come on the next one. */
export const INBOUND_FIGURE_DAYS = 7;

/** Verified: a DKIM signature, or the word of our own mail server, shows who sent it. */
export type InboundFigures = Readonly<Record<'verified' | 'unverified', ReporterFigures>>;

export interface ReporterFigures {
  readonly reports: number;
  /** Sessions. */
  readonly successful: number;
  readonly failed: number;
  /** Sessions by result type. */
  readonly failures: ReadonlyMap<KnownResultType | 'other', number>;
}

/** Of today and the seven days before. What cannot be read is left out; `note` hears of it. */
export function readInboundFigures(
  { inbound }: Pick<Store, 'inbound'>,
  today: UtcDay,
  note: (problem: Problem) => void,
): InboundFigures {
  const figures = { verified: new Figures(), unverified: new Figures() };
  const since = daysBefore(today, INBOUND_FIGURE_DAYS);
  for (const day of containProblem(() => inbound.days(), note) ?? []) {
    if (day < since || day > today) continue;
    containProblem(() => {
      for (const entry of inbound.entries(day, note)) figures[classOf(entry)].add(entry.report.policies);
    }, note);
  }
  return figures;
}

function classOf({ verification }: InboundEntry): keyof InboundFigures {
  return verification.result === 'pass' ? 'verified' : 'unverified';
}

class Figures implements ReporterFigures {
  reports = 0;
  successful = 0;
  failed = 0;
  readonly failures = new Map<KnownResultType | 'other', number>();

  add(policies: readonly PolicySummary[]): void {
    this.reports += 1;
    for (const { successful, failed, failures } of policies) {
      this.successful += successful;
      this.failed += failed;
      for (const { resultType, sessions } of failures) {
        const type = resultTypes.find((known) => known === resultType) ?? 'other';
        this.failures.set(type, (this.failures.get(type) ?? 0) + sessions);
      }
    }
  }
}

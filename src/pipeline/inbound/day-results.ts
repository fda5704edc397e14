/**
 * What reporters say about one day: the counts of each policy by reporter, added up over the reports that each sent.
 *
 * A reporter may send several reports a day, on other policies or at other hours. Who it is, it says itself; what it is verified to be stands
 * beside it, so that nobody adds to what another is known to have sent. Strangers may send as many reports as they like, so what is listed of
 * a day is bounded; reports that are verified come first.
 */
import type { InboundEntry } from '#store/inbound/inbound-entry.ts';
import { failureCounts } from '#tlsrpt/inbound-summary.ts';
import type { FailureCount, PolicySummary } from '#tlsrpt/inbound-summary.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface DayResult {
  readonly day: UtcDay;
  /** In its own words; undefined where it has none. */
  readonly organization: string | undefined;
  /** The domain that is verified to have sent the reports; undefined where that is not shown. */
  readonly verifiedDomain: string | undefined;
  readonly policyType: string;
  readonly policyDomain: string;
  readonly reports: number;
  /** Sessions. Of several policies they may be the same ones, so they are never added up (RFC 8460 4). */
  readonly successful: number;
  readonly failed: number;
  readonly failures: readonly FailureCount[];
}

interface Sum {
  readonly result: DayResult;
  readonly sessionsByType: Map<string, number>;
}

export class DayResults {
  readonly #day: UtcDay;
  readonly #byKey = new Map<string, Sum>();
  #room: number;
  /** How many policies of reports there was no room for, and how many result types of the others. */
  omitted = 0;

  /** `room`: for each policy of a reporter, and for each result type of it. */
  constructor(day: UtcDay, room: number) {
    this.#day = day;
    this.#room = room;
  }

  get room(): number {
    return this.#room;
  }

  add(entry: InboundEntry, policies: readonly PolicySummary[]): void {
    const perKey = new Set<string>();
    for (const policy of policies) {
      const result = this.#resultOf(entry, policy);
      const key = JSON.stringify([result.organization, result.verifiedDomain, result.policyType, result.policyDomain]);
      this.#merge(key, perKey.has(key) ? { ...result, reports: 0 } : result);
      perKey.add(key);
    }
  }

  /** By reporter, domain and policy type. */
  sorted(): DayResult[] {
    const orderOf = (result: DayResult): string =>
      [result.organization, result.verifiedDomain, result.policyDomain, result.policyType].join('\0').toLowerCase();
    return [...this.#byKey.values()]
      .map(({ result, sessionsByType }) => ({ ...result, failures: failureCounts(sessionsByType) }))
      .map((result) => ({ result, order: orderOf(result) }))
      .sort((a, b) => (a.order < b.order ? -1 : 1))
      .map(({ result }) => result);
  }

  #resultOf({ report, verification }: InboundEntry, policy: PolicySummary): DayResult {
    return {
      day: this.#day,
      organization: report.organization,
      verifiedDomain: verification.result === 'pass' ? verification.domain : undefined,
      policyType: policy.type,
      policyDomain: policy.domain,
      reports: 1,
      successful: policy.successful,
      failed: policy.failed,
      failures: policy.failures,
    };
  }

  #merge(key: string, more: DayResult): void {
    const known = this.#byKey.get(key);
    if (!known && !this.#takeRoom()) return;
    const sessionsByType = known?.sessionsByType ?? new Map<string, number>();
    this.#byKey.set(key, { result: known ? sumOf(known.result, more) : more, sessionsByType });
    for (const { resultType, sessions } of more.failures) {
      const before = sessionsByType.get(resultType);
      if (before !== undefined || this.#takeRoom()) sessionsByType.set(resultType, (before ?? 0) + sessions);
    }
  }

  #takeRoom(): boolean {
    if (this.#room > 0) {
      this.#room -= 1;
      return true;
    }
    this.omitted += 1;
    return false;
  }
}

/** But for the failures. */
function sumOf(one: DayResult, other: DayResult): DayResult {
  return {
    ...one,
    reports: one.reports + other.reports,
    successful: one.successful + other.successful,
    failed: one.failed + other.failed,
  };
}

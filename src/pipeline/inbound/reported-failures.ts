/**
 * How bad each failure was that others reported, by reporter and day, and on which days each reporter reported on a domain at all.
 *
 * Failures of reporters that are verified and those of others are kept apart: a stranger adds nothing to what is shown to come from somebody.
 * Anybody may make up any failures, so there is room for a number of them: for those of strangers, and for those of each sender. What is added
 * after that is counted, and nothing else.
 */
import type { InboundEntry } from '#store/inbound/inbound-entry.ts';
import type { FailureLevel, KnownFailure } from '#store/notices.ts';
import type { PolicySummary } from '#tlsrpt/inbound-summary.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { senderOf, SenderShares } from './sender-share.ts';

export type FailureName = Pick<KnownFailure, 'policyDomain' | 'policyType' | 'resultType' | 'isVerified'>;

export interface ReportedFailure extends FailureName {
  readonly levels: readonly FailureLevel[];
}

type Reporter = Pick<FailureLevel, 'organization' | 'verifiedDomain'>;

/** What a reporter says of a policy on a day; several reports are added up. */
interface PolicyDay extends Reporter {
  readonly day: UtcDay;
  readonly policyDomain: string;
  readonly policyType: string;
  total: number;
  readonly failures: Map<string | undefined, number>;
}

/** Longer names say nothing more, and each is kept. */
const MAX_NAME_LENGTH = 200;
/** Of policies on days by reporter, and of failures among these. */
const MOST = { verified: { total: 50_000, each: 10_000 }, unverified: { total: 10_000, each: 10_000 } };

export class ReportedFailures {
  readonly #policyDays = new Map<string, PolicyDay>();
  /** By reporter and domain. */
  readonly #days = new Map<string, Set<UtcDay>>();
  readonly #room = { verified: new SenderShares(MOST.verified), unverified: new SenderShares(MOST.unverified) };
  #leftOut = 0;

  /** How many policies and failures found no room. */
  get leftOut(): number {
    return this.#leftOut;
  }

  add(day: UtcDay, { report, verification }: InboundEntry): void {
    const organization = report.organization?.slice(0, MAX_NAME_LENGTH);
    const verifiedDomain = verification.result === 'pass' ? verification.domain : undefined;
    for (const policy of report.policies) this.#addPolicy({ day, organization, verifiedDomain }, policy);
  }

  failures(): ReportedFailure[] {
    const found = new Map<string, ReportedFailure & { readonly levels: FailureLevel[] }>();
    for (const { failures, policyDomain, policyType, ...level } of this.#policyDays.values())
      for (const [resultType, sessions] of failures) {
        const name = { policyDomain, policyType, resultType, isVerified: level.verifiedDomain !== undefined };
        const failure = found.get(keyOfFailure(name)) ?? { ...name, levels: [] };
        failure.levels.push({ ...level, sessions });
        found.set(keyOfFailure(name), failure);
      }
    return [...found.values()];
  }

  /** On which days a reporter reported on a domain, whatever failed. */
  daysOf(reporter: Reporter, policyDomain: string): UtcDay[] {
    return [...(this.#days.get(keyOfDays(reporter, policyDomain)) ?? [])];
  }

  #addPolicy(by: Reporter & { readonly day: UtcDay }, policy: PolicySummary): void {
    const { policyDomain, policyType } = policyNameOf(policy);
    const key = JSON.stringify([by.day, keyOfReporter(by), policyDomain, policyType]);
    const known = this.#policyDays.get(key);
    if (!known && !this.#takeRoom(by)) return;
    const policyDay: PolicyDay = known ?? { ...by, policyDomain, policyType, total: 0, failures: new Map() };
    if (!known) this.#begin(key, policyDay);
    policyDay.total += policy.successful + policy.failed;
    for (const [resultType, sessions] of countsOf(policy)) {
      const before = policyDay.failures.get(resultType);
      if (before === undefined && !this.#takeRoom(by)) continue;
      policyDay.failures.set(resultType, (before ?? 0) + sessions);
    }
  }

  #takeRoom(by: Reporter): boolean {
    const room = this.#room[by.verifiedDomain === undefined ? 'unverified' : 'verified'];
    const hasRoom = room.hasRoom(senderOf(by));
    if (hasRoom) room.take(senderOf(by));
    else this.#leftOut += 1;
    return hasRoom;
  }

  #begin(key: string, policyDay: PolicyDay): void {
    this.#policyDays.set(key, policyDay);
    const ofDays = keyOfDays(policyDay, policyDay.policyDomain);
    this.#days.set(ofDays, (this.#days.get(ofDays) ?? new Set()).add(policyDay.day));
  }
}

function keyOfDays(reporter: Reporter, policyDomain: string): string {
  return JSON.stringify([keyOfReporter(reporter), policyDomain]);
}

export function keyOfFailure({ policyDomain, policyType, resultType, isVerified }: FailureName): string {
  return JSON.stringify([policyDomain, policyType, resultType, isVerified]);
}

export function keyOfReporter({ organization, verifiedDomain }: Reporter): string {
  return JSON.stringify([organization, verifiedDomain]);
}

/** Sessions that failed without details have no result type. */
function countsOf({ failed, failures }: PolicySummary): readonly (readonly [string | undefined, number])[] {
  if (failures.length === 0) return failed > 0 ? [[undefined, failed]] : [];
  return failures
    .filter(({ sessions }) => sessions > 0)
    .map(({ resultType, sessions }) => [resultTypeOf(resultType), sessions] as const);
}

export function policyNameOf({
  domain,
  type,
}: Pick<PolicySummary, 'domain' | 'type'>): Pick<FailureName, 'policyDomain' | 'policyType'> {
  return { policyDomain: domain.slice(0, MAX_NAME_LENGTH), policyType: type.slice(0, MAX_NAME_LENGTH) };
}

export function resultTypeOf(resultType: string): string {
  return resultType.slice(0, MAX_NAME_LENGTH);
}

/**
 * The kinds of failure that reporters told of: since when, until when, and how often. A kind is a result type under a policy of a domain.
 *
 * To be given the days from the last one on. Strangers may make up any kinds, so there is room for a number of them: what is verified comes
 * first within a day, and what is left out is counted nowhere.
 */
import type { InboundEntry } from '#store/inbound/inbound-entry.ts';
import type { FailureCount, PolicySummary } from '#tlsrpt/inbound-summary.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const MOST_KINDS = 5_000;
const MOST_ORGANIZATIONS = 10;

export interface FailureKind {
  /** Undefined where no more is known than that sessions failed. */
  readonly resultType: string | undefined;
  readonly policyType: string;
  readonly policyDomain: string;
  /** Of the days that are kept. */
  readonly firstDay: UtcDay;
  readonly lastDay: UtcDay;
  /** On how many days. */
  readonly days: number;
  readonly sessions: number;
  /** Whether anybody who is verified told of it. */
  readonly isVerified: boolean;
  /** Who told of it, the first few. */
  readonly organizations: readonly string[];
}

export class FailureKinds {
  readonly #byKey = new Map<string, FailureKind>();

  add(day: UtcDay, entry: InboundEntry, policies: readonly PolicySummary[]): void {
    for (const policy of policies)
      for (const count of countsOf(policy)) this.#merge(kindOf({ day, entry, policy, count }));
  }

  /** Those that were seen since a day, the latest first, and of these the most frequent. */
  since(day: UtcDay): FailureKind[] {
    return [...this.#byKey.values()]
      .filter(({ lastDay }) => lastDay >= day)
      .sort((a, b) => (a.lastDay === b.lastDay ? b.sessions - a.sessions : a.lastDay < b.lastDay ? 1 : -1));
  }

  #merge(more: FailureKind): void {
    const key = JSON.stringify([more.resultType, more.policyType, more.policyDomain]);
    const known = this.#byKey.get(key);
    if (!known && this.#byKey.size >= MOST_KINDS) return;
    this.#byKey.set(key, known ? merged(known, more) : more);
  }
}

type Count = Omit<FailureCount, 'resultType'> & { readonly resultType: string | undefined };

function countsOf({ failed, failures }: PolicySummary): readonly Count[] {
  return failures.length === 0 && failed > 0 ? [{ resultType: undefined, sessions: failed }] : failures;
}

interface Seen {
  readonly day: UtcDay;
  readonly entry: InboundEntry;
  readonly policy: PolicySummary;
  readonly count: Count;
}

function kindOf({ day, entry, policy, count }: Seen): FailureKind {
  const { organization } = entry.report;
  return {
    resultType: count.resultType,
    policyType: policy.type,
    policyDomain: policy.domain,
    firstDay: day,
    lastDay: day,
    days: 1,
    sessions: count.sessions,
    isVerified: entry.verification.result === 'pass',
    organizations: organization === undefined ? [] : [organization],
  };
}

/** `earlier` is of the same day or one before all others so far. */
function merged(known: FailureKind, earlier: FailureKind): FailureKind {
  const organizations = new Set([...known.organizations, ...earlier.organizations]);
  return {
    ...known,
    firstDay: earlier.firstDay,
    days: known.days + (earlier.firstDay === known.firstDay ? 0 : 1),
    sessions: known.sessions + earlier.sessions,
    isVerified: known.isVerified || earlier.isVerified,
    organizations: [...organizations].slice(0, MOST_ORGANIZATIONS),
  };
}

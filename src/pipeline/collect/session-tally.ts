/**
 * Adds up datagrams in memory and hands over what is new since the last time.
 *
 * Parsing is the cost. The datagrams of successful sessions with one domain and policy are byte for byte the same, and failures come
 * again too, so a bounded table leads from the bytes straight to what is to be counted. What a stranger can multiply is bounded:
 * beyond a number of different failure details a policy's further ones are counted under their result type alone, and beyond a number
 * of policies a day takes no new ones.
 */
import type { SessionChanges } from '#store/session-day-writer.ts';
import type { StoredFailure, StoredPolicy } from '#store/session-day.ts';
import { readDatagram } from '#tlsrpt/datagram.ts';
import type { UnreadableReason } from '#tlsrpt/datagram.ts';
import type { FailureDetails, PolicyOutcome, Session } from '#tlsrpt/session.ts';
import { failureKey, policyKey } from '#tlsrpt/tally.ts';
import { CountedEntries } from './counted-entries.ts';
import { DatagramTable } from './datagram-table.ts';
import { NumberColumn } from './number-column.ts';
import { NumberLists } from './number-lists.ts';

export const tallyLimits = {
  policies: 2_000_000,
  /** Of text in policies and failure details. */
  dayBytes: 1_073_741_824,
  failureDetailsPerPolicy: 1_000,
  rememberedDatagrams: 350_000,
} as const;

export type TallyLimits = Readonly<Record<keyof typeof tallyLimits, number>>;

export type TallyResult = 'tallied' | UnreadableReason | 'too-many-domains';

type SeenPolicy = Omit<StoredPolicy, 'id'>;

interface SeenFailure {
  /** The policy's number in this tally. */
  readonly policy: number;
  readonly details: FailureDetails;
}

/** The counts of a policy. */
const [SUCCESSFUL, FAILED] = [0, 1];
/** What one number in a datagram's list says: four times an entry's number, and which count of it. */
const STEP = 4;
const FAILURE = 2;
const NUMBERS_PER_DATAGRAM = 8;

export class SessionTally {
  readonly #limits: TallyLimits;
  readonly #policies = new CountedEntries<SeenPolicy>(2);
  readonly #failures = new CountedEntries<SeenFailure>(1);
  #dayBytes = 0;
  /** How many different failure details each policy has. */
  readonly #failureKinds = new NumberColumn();
  readonly #datagrams = new DatagramTable();
  readonly #lists: NumberLists;
  #received = 0;
  #recognised = 0;
  #rejected = new Map<string, number>();

  constructor(limits: TallyLimits = tallyLimits) {
    this.#limits = limits;
    this.#lists = new NumberLists(limits.rememberedDatagrams * NUMBERS_PER_DATAGRAM);
  }

  /** Goes on with a day that was begun before. To be called before the first flush; what was counted until then is kept. */
  restore(policies: Iterable<StoredPolicy>, failures: Iterable<StoredFailure>): void {
    const numbers = new NumberColumn();
    for (const policy of policies) {
      const key = keyOf(policy);
      this.#dayBytes += key.length;
      numbers.set(policy.id, this.#policies.restore(key, policy.id));
    }
    for (const { id, policyId, details } of failures) {
      const policy = numbers.at(policyId);
      const key = keyOfFailure(policy, details);
      this.#dayBytes += key.length;
      if (this.#failures.find(key) === undefined) this.#failureKinds.add(policy, 1);
      this.#failures.restore(key, id);
    }
  }

  /** `bytes` may change after the call. */
  count(bytes: Buffer): TallyResult {
    this.#received += 1;
    const known = this.#datagrams.find(bytes);
    if (known === undefined) return this.#countUnknown(bytes);
    this.#recognised += 1;
    this.#countList(known);
    return 'tallied';
  }

  get hasChanges(): boolean {
    return this.#received > 0;
  }

  /** Passes on what is new; it counts as passed on unless `store` throws. */
  flush(store: (changes: SessionChanges) => void): void {
    if (!this.hasChanges) return;
    store(this.#changes());
    this.#policies.settle();
    this.#failures.settle();
    this.#received = 0;
    this.#recognised = 0;
    this.#rejected = new Map();
  }

  #countUnknown(bytes: Buffer): TallyResult {
    const reading = readDatagram(bytes);
    if (reading.kind === 'unreadable') return this.#reject(reading.reason);
    const list = this.#listOf(reading.session);
    if (!list) return this.#reject('too-many-domains');
    const start = this.#remember(list);
    this.#countList(start);
    return 'tallied';
  }

  #remember(list: readonly number[]): number {
    if (this.#datagrams.size >= this.#limits.rememberedDatagrams || this.#lists.isFull) {
      this.#datagrams.clear();
      this.#lists.clear();
    }
    const start = this.#lists.add(list);
    this.#datagrams.rememberLast(start);
    return start;
  }

  #countList(start: number): void {
    const length = this.#lists.lengthAt(start);
    for (let index = 0; index < length; index += 1) {
      const entry = this.#lists.at(start, index);
      const [number, count] = [Math.floor(entry / STEP), entry % STEP];
      if (count === FAILURE) this.#failures.increment(number, 0);
      else this.#policies.increment(number, count);
    }
  }

  /** Undefined when the day has no room for another policy. */
  #listOf({ domain, record, outcomes }: Session): number[] | undefined {
    const seen = outcomes.map(({ policy }) => ({ domain, record, policy }));
    const isNearlyFull = this.#policies.size + seen.length > this.#limits.policies || this.#isLarge;
    if (isNearlyFull && seen.some((policy) => this.#policies.find(keyOf(policy)) === undefined)) return undefined;
    return outcomes.flatMap((outcome) => this.#listOfOutcome({ domain, record, policy: outcome.policy }, outcome));
  }

  #listOfOutcome(seen: SeenPolicy, { successful, failures }: PolicyOutcome): number[] {
    const key = keyOf(seen);
    const policy = this.#policies.find(key) ?? this.#addPolicy(key, seen);
    const outcome = policy * STEP + (successful ? SUCCESSFUL : FAILED);
    return [outcome, ...failures.map((details) => this.#failureNumber(policy, details) * STEP + FAILURE)];
  }

  #failureNumber(policy: number, details: FailureDetails): number {
    const key = keyOfFailure(policy, details);
    const known = this.#failures.find(key);
    if (known !== undefined) return known;
    const isFull = this.#failureKinds.at(policy) >= this.#limits.failureDetailsPerPolicy || this.#isLarge;
    if (!isFull) return this.#addFailure(key, { policy, details });
    const merged = withResultTypeOnly(details.resultType);
    const mergedKey = keyOfFailure(policy, merged);
    return this.#failures.find(mergedKey) ?? this.#addFailure(mergedKey, { policy, details: merged });
  }

  get #isLarge(): boolean {
    return this.#dayBytes > this.#limits.dayBytes;
  }

  /** For the key that was looked for last, as below. */
  #addPolicy(key: string, seen: SeenPolicy): number {
    this.#dayBytes += key.length;
    return this.#policies.addLast(seen);
  }

  #addFailure(key: string, failure: SeenFailure): number {
    this.#dayBytes += key.length;
    this.#failureKinds.add(failure.policy, 1);
    return this.#failures.addLast(failure);
  }

  #reject<Reason extends TallyResult>(reason: Reason): Reason {
    this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + 1);
    return reason;
  }

  #changes(): SessionChanges {
    this.#policies.numberChanged();
    this.#failures.numberChanged();
    return {
      policies: [...this.#policies.unstored()].map(({ id, description }) => ({ id, ...description })),
      failures: [...this.#failures.unstored()].map(({ id, description: { policy, details } }) => ({
        id,
        policyId: this.#policies.idOf(policy),
        details,
      })),
      policyCounts: this.#policies.changes(),
      failureCounts: this.#failures.changes(),
      counters: this.#counters(),
    };
  }

  #counters(): Map<string, number> {
    const rejected = [...this.#rejected].map(([reason, count]) => [`rejected-${reason}`, count] as const);
    const total = rejected.reduce((sum, [, count]) => sum + count, 0);
    const counters = [
      ['datagrams', this.#received],
      ['recognised', this.#recognised],
      ['rejected', total],
      ...rejected,
    ] as const;
    return new Map(counters.filter(([, count]) => count > 0));
  }
}

function keyOf({ domain, record, policy }: SeenPolicy): string {
  return `${domain}\n${record ?? ''}\n${policyKey(policy)}`;
}

function keyOfFailure(policy: number, details: FailureDetails): string {
  return `${String(policy)}\n${failureKey(details)}`;
}

function withResultTypeOnly(resultType: FailureDetails['resultType']): FailureDetails {
  return {
    resultType,
    sendingMtaIp: undefined,
    receivingMxHostname: undefined,
    receivingMxHelo: undefined,
    receivingIp: undefined,
    additionalInformation: undefined,
    failureReasonCode: undefined,
  };
}

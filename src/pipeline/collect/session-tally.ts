/**
 * Adds up datagrams in memory and hands over what is new since the last time.
 *
 * Parsing is the cost. The datagrams of successful sessions with one domain and policy are byte for byte the same, so a bounded table
 * leads from the bytes straight to the counts. What a stranger can multiply is bounded: beyond a number of different failure details
 * a policy's further ones are counted under their result type alone, and beyond a number of policies a day takes no new ones.
 * What has been passed on is known here only by a digest, so a large day stays small in memory.
 */
import { hash } from 'node:crypto';
import type { SessionChanges, StoredFailure, StoredPolicy } from '#store/session-day.ts';
import { readDatagram } from '#tlsrpt/datagram.ts';
import type { UnreadableReason } from '#tlsrpt/datagram.ts';
import type { FailureDetails, PolicyOutcome, Session } from '#tlsrpt/session.ts';
import { failureKey, policyKey } from '#tlsrpt/tally.ts';
import { DatagramTable } from './datagram-table.ts';

export const tallyLimits = {
  policies: 2_000_000,
  failureDetailsPerPolicy: 1_000,
  rememberedDatagrams: 350_000,
} as const;

export type TallyLimits = Readonly<Record<keyof typeof tallyLimits, number>>;

export type TallyResult = 'tallied' | UnreadableReason | 'too-many-domains';

/** An entry gets its number when it is first passed on, and keeps what it stands for until that has succeeded. */
interface FailureEntry {
  unstored: FailureDetails | undefined;
  id: number | undefined;
  sessions: number;
}

interface PolicyEntry {
  unstored: SeenPolicy | undefined;
  id: number | undefined;
  isChanged: boolean;
  successful: number;
  failed: number;
  /** By the digest of their key; most policies never have any. */
  failures: Map<string, FailureEntry> | undefined;
  changedFailures: FailureEntry[] | undefined;
}

type SeenPolicy = Omit<StoredPolicy, 'id'>;

export class SessionTally {
  readonly #limits: TallyLimits;
  readonly #policies = new Map<string, PolicyEntry>();
  readonly #successes: DatagramTable<readonly PolicyEntry[]>;
  #lastPolicyId = 0;
  #lastFailureId = 0;
  #changed: PolicyEntry[] = [];
  #counters = new Map<string, number>();

  constructor(limits: TallyLimits = tallyLimits) {
    this.#limits = limits;
    this.#successes = new DatagramTable(limits.rememberedDatagrams);
  }

  /** Goes on with a day that was begun before. To be called before the first flush; what was counted until then is kept. */
  restore(policies: Iterable<StoredPolicy>, failures: Iterable<StoredFailure>): void {
    const byId = new Map<number, PolicyEntry>();
    for (const stored of policies) {
      byId.set(stored.id, asStored(this.#policyEntry(stored), stored.id));
      this.#lastPolicyId = Math.max(this.#lastPolicyId, stored.id);
    }
    for (const stored of failures) {
      const entry = byId.get(stored.policyId);
      if (entry) asStored(keepFailure(entry, digestOf(failureKey(stored.details)), stored.details), stored.id);
      this.#lastFailureId = Math.max(this.#lastFailureId, stored.id);
    }
  }

  /** `bytes` may change after the call. */
  count(bytes: Buffer): TallyResult {
    this.#increment('datagrams');
    const known = this.#successes.find(bytes);
    if (known) {
      for (const entry of known) this.#countOutcome(entry, true);
      return 'tallied';
    }
    return this.#countUnknown(bytes);
  }

  get hasChanges(): boolean {
    return this.#changed.length > 0 || this.#counters.size > 0;
  }

  /** Passes on what is new; it counts as passed on unless `store` throws. */
  flush(store: (changes: SessionChanges) => void): void {
    if (!this.hasChanges) return;
    store(this.#changes());
    for (const entry of this.#changed) settle(entry);
    this.#changed = [];
    this.#counters = new Map();
  }

  #countUnknown(bytes: Buffer): TallyResult {
    const reading = readDatagram(bytes);
    if (reading.kind === 'unreadable') return this.#reject(reading.reason);
    const entries = this.#entriesOf(reading.session);
    if (!entries) return this.#reject('too-many-domains');
    reading.session.outcomes.forEach((outcome, index) => {
      const entry = entries[index];
      if (entry) this.#countFailures(entry, outcome);
    });
    if (reading.session.outcomes.every(isPlainSuccess)) this.#successes.rememberLast(entries);
    return 'tallied';
  }

  #countFailures(entry: PolicyEntry, outcome: PolicyOutcome): void {
    this.#countOutcome(entry, outcome.successful);
    for (const details of outcome.failures) this.#countFailure(entry, details);
  }

  #countOutcome(entry: PolicyEntry, successful: boolean): void {
    if (successful) entry.successful += 1;
    else entry.failed += 1;
    if (entry.isChanged) return;
    entry.isChanged = true;
    this.#changed.push(entry);
  }

  #countFailure(entry: PolicyEntry, details: FailureDetails): void {
    const failure = failureEntry(entry, details, this.#limits.failureDetailsPerPolicy);
    if (failure.sessions === 0) (entry.changedFailures ??= []).push(failure);
    failure.sessions += 1;
  }

  /** Undefined when the day has no room for another policy. */
  #entriesOf({ domain, record, outcomes }: Session): PolicyEntry[] | undefined {
    const seen = outcomes.map(({ policy }) => ({ domain, record, policy }));
    const isNearlyFull = this.#policies.size + seen.length > this.#limits.policies;
    if (isNearlyFull && seen.some((policy) => !this.#policies.has(keyOf(policy)))) return undefined;
    return seen.map((policy) => this.#policyEntry(policy));
  }

  #policyEntry(seen: SeenPolicy): PolicyEntry {
    const key = keyOf(seen);
    const known = this.#policies.get(key);
    if (known) return known;
    const { domain, record, policy } = seen;
    const entry: PolicyEntry = {
      unstored: { domain, record, policy },
      id: undefined,
      isChanged: false,
      successful: 0,
      failed: 0,
      failures: undefined,
      changedFailures: undefined,
    };
    this.#policies.set(key, entry);
    return entry;
  }

  #reject<Reason extends TallyResult>(reason: Reason): Reason {
    this.#increment('rejected');
    this.#increment(`rejected-${reason}`);
    return reason;
  }

  #increment(counter: string): void {
    this.#counters.set(counter, (this.#counters.get(counter) ?? 0) + 1);
  }

  #changes(): SessionChanges {
    const policies = this.#changed.map((entry) => ({ entry, id: (entry.id ??= this.#lastPolicyId += 1) }));
    const failures = policies.flatMap(({ id: policyId, entry: { changedFailures = [] } }) =>
      changedFailures.map((entry) => ({ entry, policyId, id: (entry.id ??= this.#lastFailureId += 1) })),
    );
    return {
      policies: policies.flatMap(({ id, entry: { unstored } }) => (unstored ? [{ id, ...unstored }] : [])),
      failures: failures.flatMap(({ id, policyId, entry: { unstored } }) =>
        unstored ? [{ id, policyId, details: unstored }] : [],
      ),
      policyCounts: policies.map(({ id, entry: { successful, failed } }) => ({ id, successful, failed })),
      failureCounts: failures.map(({ id, entry: { sessions } }) => ({ id, sessions })),
      counters: this.#counters,
    };
  }
}

function keyOf({ domain, record, policy }: SeenPolicy): string {
  return digestOf(`${domain}\n${record ?? ''}\n${policyKey(policy)}`);
}

function digestOf(key: string): string {
  return hash('sha256', key, 'base64');
}

function failureEntry(entry: PolicyEntry, details: FailureDetails, maxDetails: number): FailureEntry {
  const key = digestOf(failureKey(details));
  const known = entry.failures?.get(key);
  if (known) return known;
  if ((entry.failures?.size ?? 0) < maxDetails) return keepFailure(entry, key, details);
  const merged = withResultTypeOnly(details.resultType);
  return keepFailure(entry, digestOf(failureKey(merged)), merged);
}

function keepFailure(entry: PolicyEntry, key: string, details: FailureDetails): FailureEntry {
  entry.failures ??= new Map();
  const known = entry.failures.get(key);
  if (known) return known;
  const failure: FailureEntry = { unstored: details, id: undefined, sessions: 0 };
  entry.failures.set(key, failure);
  return failure;
}

function asStored<Entry extends PolicyEntry | FailureEntry>(entry: Entry, id: number): Entry {
  entry.id = id;
  entry.unstored = undefined;
  return entry;
}

function settle(entry: PolicyEntry): void {
  for (const failure of entry.changedFailures ?? []) {
    failure.unstored = undefined;
    failure.sessions = 0;
  }
  entry.changedFailures = undefined;
  entry.unstored = undefined;
  entry.isChanged = false;
  entry.successful = 0;
  entry.failed = 0;
}

function isPlainSuccess({ successful, failures }: PolicyOutcome): boolean {
  return successful && failures.length === 0;
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

/**
 * Adds up the datagrams of a day, as frames bring them, and says what is to be stored since the last time.
 *
 * What a stranger can multiply is bounded: beyond a number of different failure details a policy's further ones are counted under their
 * result type alone; beyond its budget a domain's policies are counted without their strings and MX patterns, and its failures under their
 * result type; so are all failures once the day is full, which takes no new policies then.
 */
import { readDatagram } from '#tlsrpt/datagram.ts';
import type { UnreadableReason } from '#tlsrpt/datagram.ts';
import type { FailureDetails, Policy, Session } from '#tlsrpt/session.ts';
import type { DomainTally } from '#tlsrpt/tally.ts';
import { MergedDomains } from '../sessions/merged-domains.ts';
import type { SeenFailure, SeenPolicy, StoredFailure, StoredPolicy } from '../sessions/stored-sessions.ts';
import { CountedEntries } from './counted-entries.ts';
import { visitPayload } from './datagram-payload.ts';
import { DomainBudgets } from './domain-budgets.ts';
import { failureEntryKey, policyEntryKey } from './entry-key.ts';
import type { EntryKey } from './entry-key.ts';
import { NumberColumn } from './number-column.ts';
import { countOf, RememberedDatagrams } from './remembered-datagrams.ts';
import type { CountedAs, CountedEntry } from './remembered-datagrams.ts';
import { mergedFailure, mergedPolicy } from './merged-details.ts';
import type { NewEntries, SessionChanges, StoredDatagram } from './session-changes.ts';

export const tallyLimits = {
  policies: 2_000_000,
  /** Of text in policies and failure details. */
  dayBytes: 1_073_741_824,
  failureDetailsPerPolicy: 1_000,
  policiesOfDomain: 1_000,
  domainBytes: 4_194_304,
  crowdedDomainBytes: 65_536,
  crowdedDayBytes: 268_435_456,
  crowdedPoliciesOfDomain: 16,
  crowdedPolicies: 500_000,
  /** With those that are merged. */
  failures: 1_000_000,
  detailedFailures: 500_000,
  failuresOfDomain: 10_000,
  crowdedFailuresOfDomain: 100,
  crowdedFailures: 250_000,
} as const;

export type TallyLimits = Readonly<Record<keyof typeof tallyLimits, number>>;

/** `lost-in-damage`: what the datagram was cannot be read any more. */
export type RejectionReason = UnreadableReason | 'too-many-domains' | 'lost-in-damage';

/** Told of each datagram that is rejected when it is defined; `bytes` are valid during the call. */
export type OnRejected = (number: number, reason: RejectionReason, bytes: Buffer) => void;

/** How many datagrams a frame speaks of. */
export interface FrameFigures {
  readonly datagrams: number;
  readonly rejected: number;
  /** Those that came before, and need not be parsed. */
  readonly recognised: number;
  /** Different ones that came for the first time and say that they are of another version of the protocol than is known here. */
  readonly otherVersions: number;
}

export const NO_FIGURES: FrameFigures = { datagrams: 0, rejected: 0, recognised: 0, otherVersions: 0 };

/** With one domain and record. */
interface SeenPolicies extends Pick<Session, 'domain' | 'record'> {
  readonly policies: readonly Policy[];
}

export class SessionTally {
  readonly #limits: TallyLimits;
  readonly #policies = new CountedEntries<SeenPolicy>(2);
  readonly #failures = new CountedEntries<SeenFailure>(1);
  readonly #budgets: DomainBudgets;
  /** How many different failure details each policy has. */
  readonly #failureKinds = new NumberColumn();
  readonly #datagrams = new RememberedDatagrams<RejectionReason>();
  #defined = new Set<number>();
  /** Those that the frame at hand defines. */
  #fresh = new Set<number>();
  #figures = { ...NO_FIGURES };
  #beganAnew = false;
  #counters = new Map<string, number>();
  readonly #mergedDomains = new MergedDomains();
  /** How often a datagram lost details. */
  #losses = 0;
  /** Of text that was seen for the first time and is not stored yet. */
  unstoredBytes = 0;

  constructor(limits: TallyLimits = tallyLimits) {
    this.#limits = limits;
    this.#budgets = new DomainBudgets(limits);
  }

  restorePolicy({ id, ...seen }: StoredPolicy): void {
    const { digest, bytes } = policyEntryKey(seen);
    this.#budgets.addPolicy(this.#budgets.numberOf(seen.domain), bytes);
    this.#policies.restore(digest, id);
  }

  /** `domain` is that of the policy. */
  restoreFailure({ id, policyId, details }: StoredFailure, domain: string): void {
    const { digest, bytes } = failureEntryKey({ policyId, details });
    this.#budgets.addFailure(this.#budgets.numberOf(domain), bytes);
    this.#failureKinds.add(policyId, 1);
    this.#failures.restore(digest, id);
  }

  restoreCounter(name: string): void {
    this.#mergedDomains.restore(name);
  }

  /** To be called when everything else is restored. False for one that counts what is not there. */
  restoreDatagram(stored: StoredDatagram): boolean {
    if (stored.kind === 'rejected') this.#datagrams.reject(stored.number, stored.reason as RejectionReason);
    else if (stored.entries.every((entry) => this.#isThere(entry)))
      this.#datagrams.remember(stored.number, stored.entries);
    else return false;
    return true;
  }

  #isThere({ id, as }: CountedEntry): boolean {
    if (as === countOf.failuresLeftOut) return true;
    const entries = as === countOf.failures ? this.#failures : this.#policies;
    return id > 0 && entries.hasNumber(id);
  }

  get hasChanges(): boolean {
    return this.#counters.size > 0 || this.#beganAnew;
  }

  /** Counts what a frame says. Undefined for what nobody wrote as one: nothing of it counts. */
  take(payload: Buffer, onRejected: OnRejected = () => undefined): FrameFigures | undefined {
    this.#fresh = new Set();
    this.#figures = { ...NO_FIGURES };
    const isPayload = visitPayload(payload, {
      beginAnew: () => {
        this.#beginAnew();
      },
      define: (number, bytes) => {
        this.#define(number, bytes, onRejected);
      },
      count: (number, times) => {
        this.#count(number, times);
      },
    });
    if (!isPayload) return undefined;
    for (const [name, count] of Object.entries(this.#figures)) this.#add(name, count);
    return this.#figures;
  }

  /** Counts what somebody else has added up, within the same limits. Where nobody knows how many datagrams there were, the sessions stand for them. */
  addTally({ domain, record, policies }: DomainTally): void {
    const budget = this.#budgets.numberOf(domain);
    const [lossesBefore, bytesBefore] = [this.#losses, this.#budgets.dayBytes];
    for (const { policy, successful, failed, failures } of policies) {
      this.#add('datagrams', successful + failed);
      if (this.#hasRoomFor({ domain, record, policies: [policy] })) {
        const id = this.#policyId(budget, { domain, record, policy });
        if (successful > 0) this.#increment(id, countOf.successfulSessions, successful);
        if (failed > 0) this.#increment(id, countOf.failedSessions, failed);
        for (const { details, sessions } of failures) {
          const entry = this.#failureEntry(budget, id, details);
          this.#increment(entry.id, entry.as, sessions);
        }
      } else {
        this.#add('rejected', successful + failed);
        this.#add('rejected-too-many-domains', successful + failed);
      }
    }
    this.#noteLosses(domain, lossesBefore);
    this.unstoredBytes += this.#budgets.dayBytes - bytesBefore;
  }

  /** What has come for the first time since `settleEntries`. It takes memory, while counts do not. */
  newEntries(): NewEntries {
    return {
      policies: [...this.#policies.unstored()].map(({ id, description }) => ({ id, ...description })),
      failures: [...this.#failures.unstored()].map(({ id, description }) => ({ id, ...description })),
      datagrams: [...this.#defined].map((number) => this.#storedDatagram(number)),
      datagramsBeganAnew: this.#beganAnew,
    };
  }

  settleEntries(): void {
    this.#policies.settleEntries();
    this.#failures.settleEntries();
    this.#defined = new Set();
    this.#beganAnew = false;
    this.unstoredBytes = 0;
  }

  /** Everything since `settle`. */
  changes(): SessionChanges {
    return {
      ...this.newEntries(),
      policyCounts: this.#policies.changes(),
      failureCounts: this.#failures.changes(),
      counters: this.#counters,
    };
  }

  settle(): void {
    this.settleEntries();
    this.#policies.settleCounts();
    this.#failures.settleCounts();
    this.#counters = new Map();
  }

  #beginAnew(): void {
    this.#datagrams.forgetAll();
    this.#defined = new Set();
    this.#beganAnew = true;
  }

  #define(number: number, bytes: Buffer, onRejected: OnRejected): void {
    this.#defined.add(number);
    this.#fresh.add(number);
    this.unstoredBytes += bytes.length;
    const entries = this.#entriesOf(bytes);
    if (Array.isArray(entries)) {
      this.#datagrams.remember(number, entries);
      return;
    }
    this.#datagrams.reject(number, entries);
    onRejected(number, entries, bytes);
  }

  #count(number: number, times: number): void {
    this.#figures.datagrams += times;
    const isLost = !this.#datagrams.isDefined(number);
    const reason = isLost ? 'lost-in-damage' : this.#datagrams.reasonOf(number);
    if (reason !== undefined) {
      this.#figures.rejected += times;
      this.#add(`rejected-${reason}`, times);
      return;
    }
    this.#figures.recognised += this.#fresh.delete(number) ? times - 1 : times;
    this.#datagrams.visit(number, (id, as, timesOfOne) => {
      this.#increment(id, as, times * timesOfOne);
    });
  }

  #increment(id: number, as: CountedAs, times: number): void {
    if (as === countOf.failuresLeftOut) this.#add('failures-left-out', times);
    else if (as === countOf.failures) this.#failures.increment(id, 0, times);
    else this.#policies.increment(id, as, times);
  }

  #add(counter: string, count: number): void {
    if (count > 0) this.#counters.set(counter, (this.#counters.get(counter) ?? 0) + count);
  }

  #storedDatagram(number: number): StoredDatagram {
    const reason = this.#datagrams.reasonOf(number);
    return reason === undefined
      ? { kind: 'counted', number, entries: this.#datagrams.entriesOf(number) }
      : { kind: 'rejected', number, reason };
  }

  #entriesOf(bytes: Buffer): CountedEntry[] | RejectionReason {
    const reading = readDatagram(bytes);
    if (reading.kind === 'unreadable') return reading.reason;
    if (reading.isOfOtherVersion) this.#figures.otherVersions += 1;
    const { domain, record, outcomes } = reading.session;
    const isRoom = this.#hasRoomFor({ domain, record, policies: outcomes.map(({ policy }) => policy) });
    return isRoom ? this.#entriesOfSession(reading.session) : 'too-many-domains';
  }

  /** A day that is full counts what it knows. */
  #hasRoomFor({ domain, record, policies }: SeenPolicies): boolean {
    const { policies: most, dayBytes } = this.#limits;
    const isCountable = this.#policies.size + policies.length <= most && this.#policies.hasNumbersFor(policies.length);
    if (isCountable && this.#budgets.dayBytes <= dayBytes) return true;
    return policies.every(
      (policy) => this.#policies.find(policyEntryKey({ domain, record, policy }).digest) !== undefined,
    );
  }

  #entriesOfSession({ domain, record, outcomes }: Session): CountedEntry[] {
    const budget = this.#budgets.numberOf(domain);
    const lossesBefore = this.#losses;
    const entries = outcomes.flatMap(({ policy, successful, failures }) => {
      const id = this.#policyId(budget, { domain, record, policy });
      const session: CountedEntry = {
        id,
        as: successful ? countOf.successfulSessions : countOf.failedSessions,
        times: 1,
      };
      return [session, ...failures.map((details) => this.#failureEntry(budget, id, details))];
    });
    this.#noteLosses(domain, lossesBefore);
    return entries;
  }

  #noteLosses(domain: string, lossesBefore: number): void {
    if (this.#losses > lossesBefore)
      for (const counter of this.#mergedDomains.countersOf(domain)) this.#add(counter, 1);
  }

  #policyId(budget: number, seen: SeenPolicy): number {
    const key = policyEntryKey(seen);
    const known = this.#policies.find(key.digest);
    if (known !== undefined) return known;
    if (this.#budgets.allowsPolicy(budget, key.bytes)) return this.#addPolicy(budget, key, seen);
    const merged = mergedPolicy(seen);
    const mergedKey = policyEntryKey(merged);
    if (mergedKey.bytes < key.bytes) this.#losses += 1;
    return this.#policies.find(mergedKey.digest) ?? this.#addPolicy(budget, mergedKey, merged);
  }

  #failureEntry(budget: number, policyId: number, details: FailureDetails): CountedEntry {
    const id = this.#failureId(budget, { policyId, details });
    if (id === undefined) this.#losses += 1;
    return id === undefined ? { id: 0, as: countOf.failuresLeftOut, times: 1 } : { id, as: countOf.failures, times: 1 };
  }

  /** Undefined when there is no room for it, not even merged: of its session no more counts than that it failed. */
  #failureId(budget: number, seen: SeenFailure): number | undefined {
    const key = failureEntryKey(seen);
    const known = this.#failures.find(key.digest);
    if (known !== undefined) return known;
    const hasNumber = this.#failures.hasNumbersFor(1);
    const isDetailed = this.#failureKinds.at(seen.policyId) < this.#limits.failureDetailsPerPolicy;
    if (hasNumber && isDetailed && this.#budgets.allowsFailure(budget, key.bytes))
      return this.#addFailure(budget, key, seen);
    const merged = { ...seen, details: mergedFailure(seen.details) };
    const mergedKey = failureEntryKey(merged);
    const knownMerged = this.#failures.find(mergedKey.digest);
    if (mergedKey.bytes < key.bytes) this.#losses += 1;
    if (knownMerged !== undefined || !hasNumber || this.#failures.size >= this.#limits.failures) return knownMerged;
    return this.#addFailure(budget, mergedKey, merged);
  }

  #addPolicy(budget: number, { digest, bytes }: EntryKey, seen: SeenPolicy): number {
    this.#budgets.addPolicy(budget, bytes);
    return this.#policies.add(digest, seen);
  }

  #addFailure(budget: number, { digest, bytes }: EntryKey, seen: SeenFailure): number {
    this.#budgets.addFailure(budget, bytes);
    this.#failureKinds.add(seen.policyId, 1);
    return this.#failures.add(digest, seen);
  }
}

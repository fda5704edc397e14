/**
 * The counts that a report has given of each policy and its failures, small enough to be kept with each report, and what is still
 * unreported when more sessions have turned up.
 *
 * Policies and failures are known by digests of what they are, so nothing that a report merges or leaves out for the sake of its size
 * is reported again. Counts never shrink: what is missing from a day that was read again stays reported.
 */
import { hash } from 'node:crypto';
import { z } from 'zod';
import { ProblemOfOne } from '#support/problem.ts';
import { failureKey, policyKey } from '#tlsrpt/tally.ts';
import type { FailureTally, PolicyTally } from '#tlsrpt/tally.ts';
import type { Policy } from '#tlsrpt/session.ts';

type ReportedPolicy = readonly [
  policy: string,
  successful: number,
  failed: number,
  failures: readonly ReportedFailure[],
];
type ReportedFailure = readonly [failure: string, sessions: number];

const count = z.number().nonnegative();
const countsShape = z.array(z.tuple([z.string(), count, count, z.array(z.tuple([z.string(), count]))]));

/** Of 16 characters in base64url: 96 bits. */
const DIGEST_LENGTH = 16;

export function formatReportedCounts(policies: readonly PolicyTally[]): string {
  const counts = new ReportedCounts();
  counts.add(policies);
  return counts.format();
}

/** The counts of one report, which may be of more policies than its document lists. */
export class ReportedCounts {
  /** One text for each part, as objects for all of them would take much more. */
  readonly #parts: string[] = [];

  add(policies: readonly PolicyTally[]): void {
    if (policies.length > 0) this.#parts.push(JSON.stringify(policies.map(reportedPolicy)).slice(1, -1));
  }

  format(): string {
    return `[${this.#parts.join(',')}]`;
  }
}

/** The counts of some reports, to be subtracted together; none of no reports. */
export function countsLeft(reported: readonly string[]): CountsLeft[] {
  return reported.length === 0 ? [] : [new CountsLeft(reported)];
}

/**
 * What policies hold beyond all that was reported, which is what is left of each of `left` in turn. Each policy is to be asked about once. Details of
 * sessions that were reported, and no session, are worth no supplement.
 */
export function unreportedAmong(policies: readonly PolicyTally[], left: readonly CountsLeft[]): readonly PolicyTally[] {
  if (left.length === 0) return policies;
  return policies
    .map((tally) => withoutReported(tally, left))
    .filter(({ successful, failed }) => successful > 0 || failed > 0);
}

/** The store gives what was written, or another text where a bit of it is another one now. */
function readReportedCounts(text: string): readonly ReportedPolicy[] {
  const reading = countsShape.safeParse(text === '' ? undefined : JSON.parse(text));
  if (reading.success) return reading.data;
  throw new ProblemOfOne(
    'store-damaged',
    'The counts that a report in the outbox has given are damaged. Look at the disk, and restore the outbox of that day from a backup.',
  );
}

function reportedPolicy({ policy, successful, failed, failures }: PolicyTally): ReportedPolicy {
  return [policyDigest(policy), successful, failed, failures.map(reportedFailure)];
}

function reportedFailure({ details, sessions }: FailureTally): ReportedFailure {
  return [digest(failureKey(details)), sessions];
}

function withoutReported(
  { policy, successful, failed, failures }: PolicyTally,
  left: readonly CountsLeft[],
): PolicyTally {
  const key = policyDigest(policy);
  const beyond = (count: number, of: string): number =>
    left.reduce((rest, counts) => counts.subtractFrom(rest, `${key} ${of}`), count);
  return {
    policy,
    successful: beyond(successful, 'successful'),
    failed: beyond(failed, 'failed'),
    failures: failures
      .map(({ details, sessions }) => ({ details, sessions: beyond(sessions, digest(failureKey(details))) }))
      .filter(({ sessions }) => sessions > 0),
  };
}

/** Counts of reports; what was subtracted once is not subtracted again. */
export class CountsLeft {
  readonly #left = new Map<string, number>();

  constructor(reported: readonly string[]) {
    for (const text of reported) this.#addAll(readReportedCounts(text));
  }

  /** What remains of `count`; so much less is left to subtract from the next that looks the same. */
  subtractFrom(count: number, key: string): number {
    const subtracted = Math.min(count, this.#left.get(key) ?? 0);
    if (subtracted > 0) this.#add(key, -subtracted);
    return count - subtracted;
  }

  #addAll(policies: readonly ReportedPolicy[]): void {
    for (const [policy, successful, failed, failures] of policies) {
      this.#add(`${policy} successful`, successful);
      this.#add(`${policy} failed`, failed);
      for (const [failure, sessions] of failures) this.#add(`${policy} ${failure}`, sessions);
    }
  }

  #add(key: string, count: number): void {
    this.#left.set(key, (this.#left.get(key) ?? 0) + count);
  }
}

/** Resolvers turn the records of a TLSA RRset round: whatever their order, it is one policy. */
function policyDigest(policy: Policy): string {
  return digest(policyKey(policy.type === 'tlsa' ? { ...policy, strings: [...policy.strings].sort() } : policy));
}

function digest(key: string): string {
  return hash('sha256', key, 'base64url').slice(0, DIGEST_LENGTH);
}

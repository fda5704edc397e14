/**
 * A day as documents: one for each domain, record and policy, with absolute counts and the failures inside.
 *
 * The id of a document follows from origin, day and policy, so it is the same whenever the day is published. Engines bound how many failures one
 * document may have (10,000 by default in both), so very many of them are in further documents of the same policy, which count no sessions.
 */
import { hash } from 'node:crypto';
import type { JsonObject } from '#tlsrpt/foreign-field.ts';
import { publishedTally } from '#tlsrpt/published-tally.ts';
import type { SeenUnderPolicy } from '#tlsrpt/published-tally.ts';
import { mergePolicyTallies, policyKey } from '#tlsrpt/tally.ts';
import type { DomainTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface DayDocument {
  readonly id: string;
  /** Another one for other content. */
  readonly digest: string;
  readonly content: JsonObject;
}

export interface DocumentOwner {
  readonly day: UtcDay;
  readonly origin: string;
  readonly host: string;
}

const FAILURES_IN_A_DOCUMENT = 500;
const [ID_BYTES, DIGEST_BYTES] = [16, 12];

export function* documentsOf({ domain, record, policies }: DomainTally, owner: DocumentOwner): Generator<DayDocument> {
  for (const tally of mergePolicyTallies(policies))
    for (const [part, seen] of partsOf({ domain, record, tally }).entries()) yield documentOf(seen, part, owner);
}

function partsOf({ domain, record, tally }: SeenUnderPolicy): SeenUnderPolicy[] {
  const { policy, failures } = tally;
  const first = { domain, record, tally: { ...tally, failures: failures.slice(0, FAILURES_IN_A_DOCUMENT) } };
  const parts: SeenUnderPolicy[] = [first];
  for (let start = FAILURES_IN_A_DOCUMENT; start < failures.length; start += FAILURES_IN_A_DOCUMENT) {
    const further = failures.slice(start, start + FAILURES_IN_A_DOCUMENT);
    parts.push({ domain, record, tally: { policy, successful: 0, failed: 0, failures: further } });
  }
  return parts;
}

function documentOf(seen: SeenUnderPolicy, part: number, { day, origin, host }: DocumentOwner): DayDocument {
  const key = [origin, day, seen.domain, seen.record ?? null, policyKey(seen.tally.policy), part];
  const content = { day, origin, host, ...publishedTally(seen) };
  return {
    id: shortHash(JSON.stringify(key), ID_BYTES),
    digest: shortHash(JSON.stringify([content, part]), DIGEST_BYTES),
    content,
  };
}

/** Of the first bytes: a part of the whole text would keep all of that in memory. */
function shortHash(text: string, sizeBytes: number): string {
  return hash('sha256', text, 'buffer').toString('base64url', 0, sizeBytes);
}

/**
 * What tells one report from every other: in its report-id, its file name and its Message-IDs (RFC 8460 5.1, 5.3).
 *
 * It derives from the day, the policy domain, the destinations and the state directory that reports. So building again gives the same id,
 * and two hosts that report on their own under one contact never give the same id to what each of them saw.
 */
import { hash } from 'node:crypto';
import { destinationKey } from '#tlsrpt/destination.ts';
import type { Destination } from '#tlsrpt/destination.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

/** What all reports of a run have in common. */
export interface ReportOrigin {
  readonly day: UtcDay;
  /** The identity of the state directory. */
  readonly identity: string;
}

/** In hexadecimal, so 128 bits: strangers choose domains and addresses, and must not find two that get one id. */
const UNIQUE_ID_LENGTH = 32;

/** Letters and digits; the order of the destinations does not matter, nor how they are written. */
export function uniqueIdOf(
  policyDomain: string,
  destinations: readonly Destination[],
  { day, identity }: ReportOrigin,
): string {
  const keys = destinations.map(destinationKey).sort();
  return hash('sha256', JSON.stringify([identity, day, policyDomain, keys]), 'hex').slice(0, UNIQUE_ID_LENGTH);
}

/**
 * A policy and a failure as a day file has them, and how they are read from its rows.
 *
 * A flipped bit can be anywhere, and the file may be another host's: a row that nobody wrote so is undefined, and costs itself alone.
 */
import type { Row } from '../durable/sqlite.ts';
import type { FailureDetails, Policy } from '#tlsrpt/session.ts';
import { readPolicyType } from '#tlsrpt/policy-type.ts';
import { readResultType } from '#tlsrpt/result-type.ts';

/** A policy with the domain and record it was seen under. */
export interface StoredPolicy {
  readonly id: number;
  readonly domain: string;
  readonly record: string | undefined;
  readonly policy: Policy;
}

export interface StoredFailure {
  readonly id: number;
  readonly policyId: number;
  readonly details: FailureDetails;
}

/** The same before they have a number of their own. */
export type SeenPolicy = Omit<StoredPolicy, 'id'>;
export type SeenFailure = Omit<StoredFailure, 'id'>;

export function storedPolicyOf(row: Row): StoredPolicy | undefined {
  const [strings, mxHosts] = [textsOf(row['policy_strings']), textsOf(row['mx_hosts'])];
  const [type, policyDomain] = [readPolicyType(row['policy_type']), textOf(row['policy_domain'])];
  const domain = textOf(row['domain']);
  if (!strings || !mxHosts || type === undefined || policyDomain === undefined || domain === undefined)
    return undefined;
  return {
    id: Number(row['id']),
    domain,
    record: textOf(row['record']),
    policy: { type, domain: policyDomain, strings, mxHosts },
  };
}

export function storedFailureOf(row: Row): StoredFailure | undefined {
  const resultType = readResultType(row['result_type']);
  if (resultType === undefined) return undefined;
  return {
    id: Number(row['id']),
    policyId: Number(row['policy_id']),
    details: {
      resultType,
      sendingMtaIp: textOf(row['sending_mta_ip']),
      receivingMxHostname: textOf(row['receiving_mx_hostname']),
      receivingMxHelo: textOf(row['receiving_mx_helo']),
      receivingIp: textOf(row['receiving_ip']),
      additionalInformation: textOf(row['additional_information']),
      failureReasonCode: textOf(row['failure_reason_code']),
    },
  };
}

/** Of sessions. */
export function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function textsOf(value: unknown): string[] | undefined {
  try {
    const parsed: unknown = JSON.parse(String(value));
    return Array.isArray(parsed) && parsed.every((text) => typeof text === 'string') ? parsed : undefined;
  } catch {
    return undefined;
  }
}

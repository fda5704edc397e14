/**
 * What an MTA saw when it set up TLS for one delivery: the vocabulary that every other part of the program shares.
 *
 * RFC 8460 4.2 to 4.4.
 */
import type { PolicyType } from './policy-type.ts';
import type { ResultType } from './result-type.ts';

export type { PolicyType } from './policy-type.ts';

/** The policy that a session was held against. */
export interface Policy {
  readonly type: PolicyType;
  /**
   * For tlsa the TLSA base domain of the MX host, otherwise the recipient domain. Empty where the MTA named none, as Postfix before 2025-09-24
   * does for no-policy-found, and the recipient domain is meant.
   */
  readonly domain: string;
  /** sts: the policy's lines as published; tlsa: one `usage selector mtype hex` for each record. */
  readonly strings: readonly string[];
  /** The MX patterns of an sts policy, or of a type that is not known. */
  readonly mxHosts: readonly string[];
}

/** What went wrong in a session; everything but the result type is there only when the MTA knew it. */
export interface FailureDetails {
  readonly resultType: ResultType;
  readonly sendingMtaIp: string | undefined;
  readonly receivingMxHostname: string | undefined;
  readonly receivingMxHelo: string | undefined;
  readonly receivingIp: string | undefined;
  readonly additionalInformation: string | undefined;
  readonly failureReasonCode: string | undefined;
}

/** One session's outcome under one policy. A success may carry failures that were recovered from. */
export interface PolicyOutcome {
  readonly policy: Policy;
  readonly successful: boolean;
  readonly failures: readonly FailureDetails[];
}

export interface Session {
  /** The domain whose TLSRPT record asks for the report. */
  readonly domain: string;
  /** That record as the MTA read it; undefined when the MTA did not pass it on. */
  readonly record: string | undefined;
  readonly outcomes: readonly PolicyOutcome[];
}

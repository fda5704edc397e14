/**
 * What a failure means for whoever meets its result type: what happened, what to look at, and likely causes, in sentences.
 */
import { isUsableDomain } from './domain-name.ts';
import { readPolicyType } from './policy-type.ts';
import { causesOf } from './result-type-causes.ts';
import { meaningOf } from './result-type-meaning.ts';
import { isKnownResultType, readResultType } from './result-type.ts';

export interface FailureToExplain {
  readonly resultType: string;
  readonly policyType?: string | undefined;
  /** As `domainToName` gives it. */
  readonly domain: string;
}

export interface FailureExplanation {
  /** What happened, and what to look at. */
  readonly sentences: readonly [meaning: string, check: string];
  readonly causes: readonly string[];
}

/** Stands for a domain whose name is not fit for a command. */
export const UNNAMED_DOMAIN = 'DOMAIN';

/** How a foreign policy domain stands in sentences and commands. */
export function domainToName(policyDomain: string): string {
  return isUsableDomain(policyDomain) ? policyDomain : UNNAMED_DOMAIN;
}

/** Undefined for a result type that RFC 8460 4.3 does not have. */
export function explainFailure({ resultType, policyType, domain }: FailureToExplain): FailureExplanation | undefined {
  const type = readResultType(resultType);
  if (type === undefined || !isKnownResultType(type)) return undefined;
  const policy = readPolicyType(policyType) ?? 'no-policy-found';
  const named = (text: string): string => text.replaceAll(UNNAMED_DOMAIN, domain);
  const { meaning, check } = meaningOf(type, policy);
  return {
    sentences: [named(meaning), named(`Check ${check}`)],
    causes: causesOf(type, policy).map(({ sign, cause }) => named(`If ${sign}: ${cause}`)),
  };
}

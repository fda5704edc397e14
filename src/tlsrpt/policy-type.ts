/**
 * Policy types (RFC 8460 4.4). "Presently" there are three: what another version of this program or another reporter writes may be a
 * further one, and is kept as it is.
 */
import { isTypeName } from './type-name.ts';

export const policyTypes = ['tlsa', 'sts', 'no-policy-found'] as const;

export type KnownPolicyType = (typeof policyTypes)[number];
/** In the form of one, and none of those above. */
export type UnknownPolicyType = string & { readonly brand: 'UnknownPolicyType' };
export type PolicyType = KnownPolicyType | UnknownPolicyType;

/** For a value out of a file, whoever wrote it; undefined for what can be no policy type. */
export function readPolicyType(value: unknown): PolicyType | undefined {
  return isTypeName(value) ? (value as PolicyType) : undefined;
}

export function isKnownPolicyType(type: PolicyType): type is KnownPolicyType {
  return policyTypes.some((known) => known === type);
}

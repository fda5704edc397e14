/**
 * Into which of 256 buckets a policy domain falls, by which several reporters share a day.
 *
 * It is the first octet of the SHA-256 of the name, so all versions and all hosts agree, and anybody can work it out: `printf %s example.com | sha256sum`.
 */
import { hash } from 'node:crypto';

export const BUCKETS = 256;

export function bucketOf(policyDomain: string): number {
  return Number.parseInt(hash('sha256', policyDomain, 'hex').slice(0, 2), 16);
}

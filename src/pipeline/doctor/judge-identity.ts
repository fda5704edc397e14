/**
 * Whether the identity of the state directory can be used: nothing is stored or reported without it. One that is not made yet is no trouble.
 */
import type { Problem } from '#support/problem.ts';
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';

const { broken } = findingsOf('state-directory');

/** `trouble`: why it cannot be used, for people. */
export function judgeIdentity(trouble: Problem | undefined): Finding[] {
  if (!trouble) return [];
  return [
    broken(
      trouble.message,
      trouble.code === 'store-damaged'
        ? 'restore the file from a backup, or without one remove it: a new identity is made'
        : 'mend what keeps the file from being read',
    ),
  ];
}

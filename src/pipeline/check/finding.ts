/**
 * One thing that check found out about a domain.
 */
import type { KnownPolicyType } from '#tlsrpt/policy-type.ts';
import type { Place } from '#tlsrpt/placed-text.ts';
import type { KnownResultType } from '#tlsrpt/result-type.ts';

export type Subject =
  'tlsrpt-record' | 'sts-record' | 'sts-policy' | 'mx' | 'tlsa' | 'starttls' | 'certificate' | 'policies';

/**
 * `ok`: as it should be. `note`: nothing fails, but whoever runs the domain may want to know. `wrong`: senders fail, or a record or policy
 * cannot be used. `unknown`: it could not be found out from here.
 */
export type FindingState = 'ok' | 'note' | 'wrong' | 'unknown';

export interface Finding {
  readonly about: Subject;
  readonly state: FindingState;
  /** A phrase or sentence without a full stop; may quote foreign text. */
  readonly cause: string;
  /** The MX host that it is about. */
  readonly host?: string | undefined;
  /** Where its addresses do not all show the same: the one that it is about. */
  readonly address?: string | undefined;
  /** What senders would report, under which policy (RFC 8460 4.3). */
  readonly resultType?: KnownResultType | undefined;
  readonly policyType?: KnownPolicyType | undefined;
  /** Where the mistake in a record or policy is. */
  readonly place?: Place | undefined;
  /** By which anybody can see it. */
  readonly command?: string | undefined;
}

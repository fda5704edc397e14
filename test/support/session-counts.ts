/**
 * How many sessions of one domain there were, as a sender and a store both can tell.
 */
export interface SessionCounts {
  successful: number;
  failed: number;
  /** How many sessions the failure details count. */
  failures: number;
}

export function noSessions(): SessionCounts {
  return { successful: 0, failed: 0, failures: 0 };
}

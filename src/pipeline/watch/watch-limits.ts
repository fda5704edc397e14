/**
 * What watch takes for an incident: the settings of `[watch]`, and what follows from them.
 */
export interface WatchLimits {
  /** Domains of ours, in canonical form; what is below one belongs to it. */
  readonly ownDomains: readonly string[];
  /** What failed longer ago does not count with what fails now. */
  readonly windowMs: number;
  /** Failed sessions in a row, or nearly, that are worth telling. */
  readonly leastFailures: number;
  /** The share of the sessions that fail, from 0 to 1. */
  readonly leastShare: number;
  /** Domains that fail at a time and are told of as one. */
  readonly leastWave: number;
  /** No silence that is shorter is told. */
  readonly leastSilenceMs: number;
  /** For how long it has to go well before something is over. */
  readonly overMs: number;
  /** Notices within an hour. */
  readonly mostNotices: number;
}

/** A moment by both clocks: the first one is told, the second one is reckoned with, as it never jumps. */
export interface Moment {
  readonly nowMs: number;
  readonly steadyMs: number;
}

/** The days before, which a domain is compared with. */
export const DAYS_BEFORE = 7;

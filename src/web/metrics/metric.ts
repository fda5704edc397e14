/**
 * One metric, as one row: its name and unit by the conventions of Prometheus, what it says, and how it is found in the figures.
 *
 * What is exported and docs/monitoring.md derive from the rows. A label has one of the values that its row can name beforehand: nothing that a
 * stranger wrote makes a time series.
 */
import type { Figures } from '#pipeline/status/read-figures.ts';

export interface Metric {
  /** Behind `tlsrpt_`. */
  readonly name: string;
  /** A counter begins anew at midnight UTC, as after a restart, so rate() and increase() take it as it is. */
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  /** The values that each label may have. */
  readonly labels?: Readonly<Record<string, readonly string[]>>;
  /** None where nothing is known. */
  readonly samples: (figures: Figures) => readonly Sample[];
}

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export const METRIC_PREFIX = 'tlsrpt_';

export function gauge(row: Omit<Metric, 'type'>): Metric {
  return { ...row, type: 'gauge' };
}

export function counter(row: Omit<Metric, 'type'>): Metric {
  return { ...row, type: 'counter' };
}

export function only(value: number): readonly Sample[] {
  return [{ value }];
}

/** In seconds since the epoch. */
export function timestamp(ms: number | undefined): readonly Sample[] {
  return ms === undefined ? [] : only(ms / 1_000);
}

/** One for each value that the label may have, 0 where there is nothing of it. */
export function each<T extends string>(
  label: string,
  values: readonly T[],
  valueOf: (value: T) => number,
): readonly Sample[] {
  return values.map((value) => ({ labels: { [label]: value }, value: valueOf(value) }));
}

/**
 * What a move from sys4's programs goes by, and which days it leaves where they are.
 */
import type { DestinationMaps } from '#pipeline/report/map-destinations.ts';
import type { Store } from '#store/store.ts';
import type { Problem } from '#support/problem.ts';
import type { Sys4Installation } from '#sys4/move/installation.ts';
import { daysBefore, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { Invocation } from '#cli/command.ts';

export interface Move extends Pick<Invocation, 'clock' | 'log' | 'print'> {
  readonly store: Store;
  readonly installation: Sys4Installation;
  /** What stands for the debug settings of its reporter. */
  readonly diversion: DestinationMaps;
  /** True to say what there is, and change nothing. */
  readonly dryRun: boolean;
  readonly deadlineMs: number;
  /** How long days are kept. */
  readonly keepDays: number;
}

/** By the clock, as with the days that go: one that went would be reported a second time. With a clock that is wrong it can be moved later. */
export function isTooOld(day: UtcDay, { clock, keepDays }: Move): boolean {
  return day < daysBefore(utcDayOf(clock.nowMs()), keepDays);
}

export function tooOldText({ keepDays }: Move): string {
  return `not moved, as the day is older than keep_days (${String(keepDays)})`;
}

/** Its message within a sentence. */
export function clauseOf({ message }: Problem): string {
  return message.replace(/\.$/, '');
}

/**
 * The days that the collector has open: today, and those that are over but could not be closed yet.
 *
 * A datagram counts for the day in which it arrived. A clock that is set back does not reopen a day: what then arrives counts for the
 * day that is open (RFC 8460 4.1 wants whole UTC days, and one session counts once).
 */
import { clockSetBack } from '#events/collect-events.ts';
import { isDue } from '#support/is-due.ts';
import { daysBefore, endOfDayMs, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { DayWriter } from './day-writer.ts';
import type { DayWriterOptions } from './day-writer.ts';
import type { TallyResult } from './session-tally.ts';

/** Datagrams stamped just before midnight may still be on their way from the receiver. */
const MIDNIGHT_GRACE_MS = 2_000;
const CLOSING_RETRY_MS = 1_000;
const LONGEST_WAIT_MS = 1_000;

export interface CollectedDaysOptions extends DayWriterOptions {
  readonly keepDays: number;
}

export class CollectedDays {
  readonly #options: CollectedDaysOptions;
  #today: DayWriter;
  #closing: DayWriter[] = [];
  #closingTriedMs = 0;

  /** Throws a StoreProblem when today's file cannot be opened. */
  constructor(options: CollectedDaysOptions, nowMs: number) {
    this.#options = options;
    this.#today = new DayWriter(options, firstDay(options, utcDayOf(nowMs)));
    this.#today.open();
    this.#removeOldDays();
    this.#closing = unfinishedDays(options, this.#today.day).map((day) => new DayWriter(options, day));
  }

  count(bytes: Buffer, arrivedMs: number): TallyResult {
    if (arrivedMs >= endOfDayMs(this.#today.day)) this.#beginDay(utcDayOf(arrivedMs));
    return this.#today.tally.count(bytes);
  }

  /**
   * Writes what is due, begins a new day when nothing arrives to do it, and closes what is over. While datagrams are waiting to be
   * counted (`areMoreWaiting`) the next of them decides whether the day is over, however late it has become.
   */
  write(nowMs: number, areMoreWaiting: boolean): void {
    const isOver = nowMs >= endOfDayMs(this.#today.day) + MIDNIGHT_GRACE_MS;
    if (isOver && !areMoreWaiting) this.#beginDay(utcDayOf(nowMs));
    this.#today.write(nowMs);
    this.#closeOldDays(nowMs);
  }

  /** How much of the receiver's room was taken. */
  noteRing(usedBytes: number): void {
    this.#today.noteRing(usedBytes);
  }

  /** How long the collector may wait for datagrams before it must write again. */
  dueInMs(nowMs: number): number {
    return Math.min(this.#today.dueInMs(nowMs) ?? LONGEST_WAIT_MS, LONGEST_WAIT_MS);
  }

  /** Throws a StoreProblem when something that was counted cannot be stored and is lost. */
  async close(nowMs: number): Promise<void> {
    const unfinished: DayWriter[] = [];
    for (const writer of this.#closing) if (!(await writer.triedToFinish(nowMs))) unfinished.push(writer);
    await this.#today.close(nowMs);
    for (const writer of unfinished) if (writer.tally.hasChanges) await writer.close(nowMs);
  }

  #beginDay(day: UtcDay): void {
    this.#closing.push(this.#today);
    this.#today = new DayWriter(this.#options, day);
    this.#removeOldDays();
  }

  #removeOldDays(): void {
    const { state, keepDays } = this.#options;
    state.removeDaysBefore(daysBefore(this.#today.day, keepDays));
  }

  #closeOldDays(nowMs: number): void {
    if (this.#closing.length === 0) return;
    if (!isDue(this.#closingTriedMs, CLOSING_RETRY_MS, nowMs)) return;
    this.#closingTriedMs = nowMs;
    this.#closing = this.#closing.filter((writer) => !writer.tryToFinish(nowMs));
  }
}

/** Where today is closed already and a later day is open, the clock was set back: that day goes on, as it would without a restart. */
function firstDay({ state, log }: DayWriterOptions, today: UtcDay): UtcDay {
  const open = state.unfinishedSessionDays();
  const isClosed = state.sessionDays().includes(today) && !open.includes(today);
  const later = isClosed ? open.find((day) => day > today) : undefined;
  if (later !== undefined) log(clockSetBack(today, later));
  return later ?? today;
}

/** Days that a collector left open because it was not running at midnight. */
function unfinishedDays({ state }: DayWriterOptions, today: UtcDay): UtcDay[] {
  return state.unfinishedSessionDays().filter((day) => day < today);
}

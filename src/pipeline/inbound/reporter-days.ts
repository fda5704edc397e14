/**
 * Who reported on which days, to tell who fell silent: a reporter whose silence is much longer than any that it kept before.
 *
 * To be given the days from the last one on. A reporter is who it says it is: whether it is verified may change from day to day.
 */
import { startOfDayMs } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const DAY_MS = 86_400_000;
const MOST_REPORTERS = 5_000;
/** Fewer are no habit. */
const FEWEST_DAYS = 3;
/** Reports come a day later, or two. */
const SHORTEST_SILENCE_DAYS = 3;
/** Of the longest silence before. */
const FACTOR = 2;

export interface SilentReporter {
  readonly organization: string;
  readonly firstDay: UtcDay;
  readonly lastDay: UtcDay;
  /** On how many days it reported. */
  readonly days: number;
  readonly silentDays: number;
}

interface Reporter extends Omit<SilentReporter, 'silentDays'> {
  /** In days. */
  readonly longestGap: number;
}

export class ReporterDays {
  readonly #byName = new Map<string, Reporter>();

  /** Nobody can miss who has no name. */
  add(day: UtcDay, organization: string | undefined): void {
    if (organization === undefined) return;
    const known = this.#byName.get(organization);
    if (known) this.#byName.set(organization, withEarlierDay(known, day));
    else if (this.#byName.size < MOST_REPORTERS)
      this.#byName.set(organization, { organization, firstDay: day, lastDay: day, days: 1, longestGap: 1 });
  }

  /** Those that fell silent since a day, the last of them first. */
  silentSince(since: UtcDay, today: UtcDay): SilentReporter[] {
    return [...this.#byName.values()]
      .map(({ longestGap, ...reporter }) => ({
        longestGap,
        silent: { ...reporter, silentDays: daysBetween(reporter.lastDay, today) },
      }))
      .filter(
        ({ longestGap, silent: { lastDay, days, silentDays } }) =>
          lastDay >= since && days >= FEWEST_DAYS && silentDays > Math.max(SHORTEST_SILENCE_DAYS, FACTOR * longestGap),
      )
      .map(({ silent }) => silent)
      .sort((a, b) => a.silentDays - b.silentDays);
  }
}

function withEarlierDay(reporter: Reporter, day: UtcDay): Reporter {
  if (day === reporter.firstDay) return reporter;
  const { days, longestGap, firstDay } = reporter;
  return { ...reporter, firstDay: day, days: days + 1, longestGap: Math.max(longestGap, daysBetween(day, firstDay)) };
}

function daysBetween(from: UtcDay, to: UtcDay): number {
  return Math.round((startOfDayMs(to) - startOfDayMs(from)) / DAY_MS);
}

/** The timers run every hour and every few minutes; a report that is run once a day by hand has an hour of grace. */
export const LONGEST_MS = 25 * 3_600_000;

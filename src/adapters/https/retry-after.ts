/**
 * Reads how long a server asks to be left alone (RFC 9110 10.2.3): a number of seconds or a point in time.
 *
 * A point in time is measured against the server's own Date, so a clock that is wrong on either side does no harm.
 */
const SECONDS = /^\d{1,9}$/;
/** The three forms of RFC 9110 5.6.7, less the one without a time zone. */
const HTTP_DATE = /^[A-Za-z]{3,9}, .{9,} GMT$/;

/** The wait in milliseconds; undefined when the header is absent or unreadable. */
export function readRetryAfter(retryAfter: string | null, date: string | null): number | undefined {
  if (retryAfter === null) return undefined;
  if (SECONDS.test(retryAfter)) return Number(retryAfter) * 1000;
  const [untilMs, nowMs] = [readHttpDate(retryAfter), readHttpDate(date)];
  return untilMs === undefined || nowMs === undefined ? undefined : Math.max(0, untilMs - nowMs);
}

function readHttpDate(text: string | null): number | undefined {
  if (text === null || !HTTP_DATE.test(text)) return undefined;
  const timeMs = Date.parse(text);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

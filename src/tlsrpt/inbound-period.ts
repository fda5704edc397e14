/**
 * The period of a report of others (RFC 8460 4.4, date-range), as a half-open interval.
 *
 * Seen in reports: no time zone, which is taken for UTC (and not for the zone of this machine); a day that ends in its last second, which is
 * what the example of the RFC has, or at the next midnight; dates without a time.
 */
import type { InboundObject, Member } from './inbound-object.ts';

export interface Period {
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
}

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
/** RFC 3339 5.6, and what comes close to it. */
const TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:(?:[Tt]|\s+)(\d\d):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?)?\s*([Zz]|UTC|GMT|[+-]\d\d:?\d\d)?$/;
const STRICT_TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;

export function readPeriod(report: InboundObject): Period {
  const range = report.objectOf(report.required('date-range'));
  if (!range) return { startMs: undefined, endMs: undefined };
  const start = readTime(range, range.required('start-datetime'));
  const end = readTime(range, range.required('end-datetime'));
  const period = { startMs: start?.ms, endMs: end && endOf(end) };
  remarkPeriod(range, period, end);
  return period;
}

interface Time {
  readonly ms: number;
  readonly isLastSecond: boolean;
  readonly isDate: boolean;
}

/** A day that is named as the last one belongs to the period. */
function endOf({ ms, isLastSecond, isDate }: Time): number {
  if (isDate) return ms + DAY_MS;
  return isLastSecond ? ms + SECOND_MS : ms;
}

function remarkPeriod(range: InboundObject, { startMs, endMs }: Period, end: Time | undefined): void {
  if (startMs === undefined || endMs === undefined) return;
  if (endMs <= startMs) range.remark('date-range-reversed');
  else if (startMs % DAY_MS !== 0 || endMs - startMs !== DAY_MS)
    range.remark('not-one-day'); // RFC 8460 4.1
  else if (end?.isDate === false && end.ms === endMs) range.remark('ends-at-midnight', 'end-datetime');
}

function readTime(range: InboundObject, member: Member | undefined): Time | undefined {
  const text = range.textOf(member);
  if (member === undefined || text === undefined) return undefined;
  const time = timeIn(text);
  if (!time) range.remark('date-form', member.name);
  else if (time.hasNoZone) range.remark('date-without-zone', member.name);
  else if (!STRICT_TIME.test(text)) range.remark('date-form', member.name);
  return time;
}

/** Without fractions of a second, of which no report has any. */
function timeIn(text: string): (Time & { readonly hasNoZone: boolean }) | undefined {
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00', zone] = TIME.exec(text) ?? [];
  const dayMs = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const secondOfDay = secondOf(Number(hour), Number(minute), Number(second));
  if (secondOfDay === undefined || new Date(dayMs).toISOString().slice(0, 10) !== `${year}-${month}-${day}`)
    return undefined;
  return {
    ms: dayMs + secondOfDay * SECOND_MS - offsetMs(zone ?? 'Z'),
    isLastSecond: second === '59',
    isDate: !text.includes(':'),
    hasNoZone: zone === undefined,
  };
}

/** Undefined for a time that no day has. 24:00:00 and a leap second are the beginning of what follows. */
function secondOf(hour: number, minute: number, second: number): number | undefined {
  const secondOfDay = (hour * 60 + minute) * 60 + second;
  return minute > 59 || second > 60 || secondOfDay > DAY_MS / SECOND_MS ? undefined : secondOfDay;
}

function offsetMs(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  if (hours === undefined || minutes === undefined) return 0;
  const size = (Number(hours) * 60 + Number(minutes)) * 60 * SECOND_MS;
  return sign === '-' ? -size : size;
}

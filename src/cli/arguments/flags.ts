/**
 * Flags that several subcommands share, and what they mean.
 */
import { canonicalDomain } from '#tlsrpt/domain-name.ts';
import { parseUtcDay, previousDay, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { usageError } from '#cli/command.ts';
import type { Flag, Invocation } from '#cli/command.ts';

export const dayFlag: Flag = { name: 'day', argument: 'DAY', help: 'The UTC day: yesterday, today or YYYY-MM-DD.' };
export const domainFlag: Flag = {
  name: 'domain',
  argument: 'DOMAIN',
  isList: true,
  help: 'Only this policy domain. May be repeated.',
};
export const dryRunFlag: Flag = { name: 'dry-run', help: 'Print what would be done, and change nothing.' };
export const jsonFlag: Flag = { name: 'json', help: 'Print JSON.' };

/** What stands in the place of a day: all that an outage left. */
export const UNREPORTED = 'unreported';

type Request = Pick<Invocation, 'given' | 'clock'>;

/** Undefined when no day is requested. */
export function requestedDay(request: Request): UtcDay | undefined {
  return requestedDayIn('day', request);
}

/** The same in another flag than --day. */
export function requestedDayIn(flag: string, { given, clock }: Request): UtcDay | undefined {
  const text = given.text(flag);
  if (text === undefined) return undefined;
  const today = utcDayOf(clock.nowMs());
  const day = text === 'today' ? today : text === 'yesterday' ? previousDay(today) : parseUtcDay(text);
  if (day) return day;
  throw usageError(`--${flag} ${text} is no day. Write yesterday, today or a date as YYYY-MM-DD.`);
}

/** The day that is requested, by default yesterday; one that is not over only with `--partial`. */
export function requestedFinishedDay(request: Request): UtcDay {
  const today = utcDayOf(request.clock.nowMs());
  const day = requestedDay(request) ?? previousDay(today);
  if (day > today) throw usageError(`${day} has not begun yet (UTC).`);
  if (day < today || request.given.has('partial')) return day;
  throw usageError(`${day} is not over yet (UTC). Add --partial to take what there is so far.`);
}

export function requestedDomains({ given }: Request): string[] {
  return given.texts('domain').map(canonicalDomain);
}

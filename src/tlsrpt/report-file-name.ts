/**
 * The name under which a report travels (RFC 8460 5.1): `submitter!policy-domain!begin!end!unique-id.json.gz`.
 *
 * Two long domains would make a name that no file system takes. Of these only the end is in it, since the document says what counts
 * (RFC 8460 5.6).
 */
import { canonicalDomain } from './domain-name.ts';
import { revisedUniqueId } from './report.ts';
import type { ReportSubject } from './report.ts';
import { shortDomain } from './short-domain.ts';
import { submitterDomain } from './submitter.ts';
import { endOfDayMs, startOfDayMs } from './utc-day.ts';

const MAX_FILE_NAME_LENGTH = 255;
/** As much as both domains get where they cannot both be whole. */
const MAX_DOMAIN_LENGTH = 90;

export function reportFileName(subject: ReportSubject): string {
  const { submitter, day, policyDomain } = subject;
  const [begin, end] = [startOfDayMs(day) / 1000, endOfDayMs(day) / 1000 - 1]; // RFC 8460 5.1
  const rest = `${String(begin)}!${String(end)}!${revisedUniqueId(subject)}.json.gz`; // RFC 8460 5.1: the extension of gzip
  const [sender, domain] = [submitterDomain(submitter), policyDomain];
  const whole = `${sender}!${domain}!${rest}`;
  if (whole.length <= MAX_FILE_NAME_LENGTH) return whole;
  return `${shortDomain(sender, MAX_DOMAIN_LENGTH)}!${shortDomain(domain, MAX_DOMAIN_LENGTH)}!${rest}`;
}

/** As others write it, in a path or by itself; what stands between the exclamation marks is taken as it is (RFC 8460 5.1). */
const FILE_NAME = /(?:^|[/\\])[^!/\\]+!([^!/\\]+)!\d+!\d+(?:![^!/\\]+?)?\.json(?:\.gz)?$/;

/** The policy domain that the name of a report file tells; undefined for any other name. It is only a hint (RFC 8460 5.6). */
export function domainInFileName(name: string): string | undefined {
  const [, domain] = FILE_NAME.exec(name) ?? [];
  return domain === undefined ? undefined : canonicalDomain(domain);
}

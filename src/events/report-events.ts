/**
 * What report tells: above all, for which domains there is no report, and why.
 */
import { event } from './event.ts';
import type { LogEvent } from './event.ts';

export function noReportingAddress(policyDomain: string, why: string): LogEvent {
  return event(
    'info',
    'no-reporting-address',
    `No report on ${policyDomain}: its TLSRPT record cannot be used, ${why}.`,
    { policyDomain, why },
  );
}

export function reportingAddressUnusable(policyDomain: string, uri: string, why: string): LogEvent {
  return event('info', 'reporting-address-unusable', `The report on ${policyDomain} does not go to ${uri}: ${why}.`, {
    policyDomain,
    uri,
    why,
  });
}

/** `where` is the entry of the map: file and line. */
export function destinationsMapped(
  policyDomain: string,
  where: string,
  { before, after }: { readonly before: readonly string[]; readonly after: readonly string[] },
): LogEvent {
  const [from, to] = [before, after].map((uris) => (uris.length === 0 ? 'nobody' : uris.join(', ')));
  return event(
    'debug',
    'destinations-mapped',
    `The report on ${policyDomain} goes to ${String(to)} instead of ${String(from)} (${where}).`,
    { policyDomain, where, before, after },
  );
}

export function reportDiscarded(policyDomain: string, places: readonly string[]): LogEvent {
  return event(
    'info',
    'report-discarded',
    `No report on ${policyDomain}: the destination maps leave nobody to send it to (${places.join(', ')}).`,
    { policyDomain, places },
  );
}

export function policyDomainUnusable(policyDomain: string): LogEvent {
  return event('info', 'policy-domain-unusable', `No report on "${policyDomain}": that is not a domain name.`, {
    policyDomain,
  });
}

export function sourceCountedOnce(source: string): LogEvent {
  return event(
    'warning',
    'source-counted-once',
    `The day from ${source} was collected by a state directory that is counted already; it is left out.`,
    { source },
  );
}

export function recordAbsent(policyDomain: string, why: string): LogEvent {
  return event('debug', 'record-absent', `No report on ${policyDomain}: it has no TLSRPT record, ${why}.`, {
    policyDomain,
    why,
  });
}

export function recordUnknown(policyDomain: string, why: string): LogEvent {
  return event(
    'info',
    'record-unknown',
    `No report on ${policyDomain} yet: its TLSRPT record could not be looked up (${why}). Run report again for it.`,
    { policyDomain, why },
  );
}

export function nameServersSilent(domains: number): LogEvent {
  return event(
    'warning',
    'name-servers-silent',
    `The TLSRPT records of ${String(domains)} domains could not be looked up, since no name server answers. Run report again once one does.`,
    { domains },
  );
}

export function reportWithheld(policyDomain: string): LogEvent {
  return event(
    'info',
    'report-withheld',
    `No report on ${policyDomain}: nothing failed, and on that day and the one before no more was sent there than mails with reports.`,
    { policyDomain },
  );
}

export function domainNotSeen(policyDomain: string, day: string): LogEvent {
  return event(
    'warning',
    'domain-not-seen',
    `There is nothing to report on ${policyDomain}: no session with it was collected on ${day}.`,
    { policyDomain, day },
  );
}

export function hostsLeftOut(day: string, sources: readonly string[]): LogEvent {
  return event(
    'warning',
    'hosts-left-out',
    `The reports about ${day} do not cover ${sources.join(', ')}: what was seen there that day is not here.`,
    { day, sources },
  );
}

export function reportsBuilt(day: string, reports: number): LogEvent {
  return event('info', 'reports-built', `${String(reports)} reports about ${day} are in the outbox.`, { day, reports });
}

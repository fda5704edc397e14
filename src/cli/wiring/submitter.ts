/**
 * Who sends the reports, out of the settings and the name of the host.
 */
import { hostname } from 'node:os';
import type { Settings } from '#config/settings.ts';
import { submitterDomain } from '#tlsrpt/submitter.ts';
import type { Submitter } from '#tlsrpt/submitter.ts';
import { configurationError } from '#cli/command.ts';

/** What Postfix, too, appends to a host name without a domain. */
const LOCAL_DOMAIN = 'localdomain';

/** True for a report that was built when neither the settings nor the host's name said who sends it. */
export function isNameless({ reportId }: { readonly reportId: string }): boolean {
  return reportId.endsWith(`.${LOCAL_DOMAIN}`);
}

export function submitterOf({ organization, contact }: Settings): Submitter {
  const host = hostname().includes('.') ? hostname() : `${hostname()}.${LOCAL_DOMAIN}`;
  return { organizationName: organization ?? host, contactInfo: contact ?? `postmaster@${host}` };
}

/** For what leaves this host: receivers must be able to tell who sent it. */
export function senderOf(settings: Settings): string {
  const submitter = submitterOf(settings);
  if (!submitterDomain(submitter).endsWith(`.${LOCAL_DOMAIN}`)) return settings.from ?? submitter.contactInfo;
  throw configurationError(
    `This host's name (${hostname()}) has no domain that receivers could know, so report.contact must be set: --contact postmaster@example.com`,
  );
}

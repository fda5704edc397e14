/**
 * Who sends the reports, out of the settings and the name of the host.
 *
 * Reports show it, and receivers must be able to tell who sent them; so without a contact there is none from a host whose name has no domain.
 */
import { hostname } from 'node:os';
import type { Settings } from '#config/settings.ts';
import { isUsableDomain } from '#tlsrpt/domain-name.ts';
import { submitterDomain } from '#tlsrpt/submitter.ts';
import type { Submitter } from '#tlsrpt/submitter.ts';
import { configurationError } from '#cli/command.ts';

/** What Postfix, too, appends to a host name without a domain. */
const LOCAL_DOMAIN = 'localdomain';

/** Throws a `configuration-error` where nobody could tell who sends. `hostName` is the one of this host. */
export function submitterOf({ organization, contact }: Settings, hostName = hostname()): Submitter {
  const host = hostName.includes('.') ? hostName : `${hostName}.${LOCAL_DOMAIN}`;
  const submitter = { organizationName: organization ?? host, contactInfo: contact ?? `postmaster@${host}` };
  if (isKnown(submitterDomain(submitter))) return submitter;
  throw configurationError(
    `This host's name (${hostName}) has no domain that receivers could know, so report.contact must be set: --contact postmaster@example.com`,
  );
}

function isKnown(domain: string): boolean {
  return isUsableDomain(domain) && !domain.endsWith(`.${LOCAL_DOMAIN}`);
}

/** The bare address of the mails' sender. Throws as `submitterOf` does. */
export function senderOf(settings: Settings): string {
  const { contactInfo } = submitterOf(settings);
  return settings.from?.address ?? contactInfo;
}

/** What header and envelope say of the sender; where nothing is set, each report's own contact stands in. */
export function fromOf({ from }: Settings): {
  readonly from: string | undefined;
  readonly fromName: string | undefined;
} {
  return { from: from?.address, fromName: from?.name };
}

/**
 * Who signs the mails, as the settings want it; all that would make receivers ignore the signature is found before anything is sent.
 *
 * RFC 8460 3: the signature is that of the reporting domain, and that is what TLS-Report-Submitter names. From must be aligned with it as
 * well, for DMARC (RFC 7489 3.1.1).
 *
 * Problems: configuration-error.
 */
import { readDkimKey } from '#adapters/mail/dkim-key.ts';
import type { DkimKey } from '#adapters/mail/dkim-key.ts';
import type { DkimSigning } from '#adapters/mail/sign-mail.ts';
import type { Settings } from '#config/settings.ts';
import { canonicalDomain } from '#tlsrpt/domain-name.ts';
import { submitterDomain } from '#tlsrpt/submitter.ts';
import { configurationError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';
import { placeOfSecret, readSecret } from './setting-file.ts';
import { submitterOf } from './submitter.ts';

type Surroundings = Pick<Invocation, 'settings' | 'environment'>;

/** Undefined when mails are not signed here. `from` is a bare mailbox. */
export function dkimSigningOf({ settings, environment }: Surroundings, from: string): DkimSigning | undefined {
  if (settings.dkimKeys.length === 0) return undefined;
  const submitter = submitterDomain(submitterOf(settings));
  const domain = signerOf(settings);
  refuseUnaligned(submitter, domain, 'report.contact');
  refuseUnaligned(canonicalDomain(from.slice(from.lastIndexOf('@') + 1)), domain, 'report.from');
  return { domain, keys: settings.dkimKeys.map((text) => keyOf(text, environment)) };
}

/** Why a mail with a report of that submitter could have no signature that receivers heed; undefined when it can, or none is made here. */
export function whyUnsigned(submitter: string, settings: Settings): string | undefined {
  if (settings.dkimKeys.length === 0 || isAligned(submitter, signerOf(settings))) return undefined;
  return (
    `the report names a contact at ${submitter}, and mails are signed by ${signerOf(settings)}. ` +
    'Run tlsrpt report about its day again, which builds it anew unless it was sent to another address already, or set report.contact and send.dkim_domain back.'
  );
}

function signerOf(settings: Settings): string {
  return settings.dkimDomain ?? submitterDomain(submitterOf(settings));
}

function isAligned(domain: string, signer: string): boolean {
  return domain === signer || domain.endsWith(`.${signer}`);
}

function refuseUnaligned(domain: string, signer: string, key: string): void {
  if (isAligned(domain, signer)) return;
  throw configurationError(
    `${key} is at ${domain}, and mails are signed by ${signer}: receivers would ignore the signature. ` +
      'Set send.dkim_domain to a domain that is both of report.contact and of report.from, or above them.',
  );
}

function keyOf(text: string, environment: Invocation['environment']): DkimKey {
  const [, selector = '', file] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
  const place = placeOfSecret(file, `dkim-${selector}`, environment);
  if (!place)
    throw configurationError(
      `send.dkim_keys names the selector ${selector} without a file, and there is no $CREDENTIALS_DIRECTORY. ` +
        `Write ${selector}=FILE; where the key is a credential of the services, run this as root.`,
    );
  const reading = readDkimKey(selector, readSecret(place, 'send.dkim_keys'));
  if (reading.kind === 'key') return reading.key;
  throw configurationError(`send.dkim_keys: ${place.path} ${reading.why}.`);
}

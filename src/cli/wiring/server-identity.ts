/**
 * The certificate and the key with which something is served over HTTPS, as the settings name them.
 *
 * Problems: configuration-error.
 */
import { createSecureContext } from 'node:tls';
import type { ServerIdentity } from '#adapters/http/listen-on.ts';
import { messageOf } from '#support/problem.ts';
import { configurationError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';
import { placeOfSecret, readCertificate, readSecret } from './setting-file.ts';

/** Paths. */
export interface IdentityFiles {
  readonly certificate: string | undefined;
  readonly key: string | undefined;
}

/** What the settings are called, and the credential that takes the place of the key. */
export interface IdentityNames {
  readonly certificate: string;
  readonly key: string;
  readonly credential: string;
}

/** Undefined where neither is set. */
export function readServerIdentity(
  files: IdentityFiles,
  names: IdentityNames,
  environment: Invocation['environment'],
): ServerIdentity | undefined {
  if (files.certificate === undefined) {
    if (files.key === undefined) return undefined;
    throw configurationError(`${names.key} is set, but not ${names.certificate}.`);
  }
  const place = placeOfSecret(files.key, names.credential, environment);
  if (!place) throw configurationError(`${names.certificate} is set, but not ${names.key}.`);
  const identity = { cert: readCertificate(files.certificate, names.certificate), key: readSecret(place, names.key) };
  requireFit(identity, { certificate: files.certificate, key: place.path }, names);
  return identity;
}

function requireFit(
  identity: ServerIdentity,
  { certificate, key }: Readonly<Record<keyof IdentityFiles, string>>,
  names: IdentityNames,
): void {
  try {
    createSecureContext(identity);
  } catch (error) {
    throw configurationError(
      `${names.certificate}: ${certificate} and the key in ${key} cannot be used together (${messageOf(error)}).`,
    );
  }
}

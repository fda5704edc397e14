/**
 * The certificate, the key and the token of `serve`, as the settings name them, and again when they have changed.
 *
 * Problems: configuration-error.
 */
import { existsSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { isLoopback } from '#adapters/http/listen-on.ts';
import type { ServerIdentity } from '#adapters/http/listen-on.ts';
import type { ServerSecrets } from '#adapters/http/web-server.ts';
import type { Settings } from '#config/settings.ts';
import { messageOf, Problem } from '#support/problem.ts';
import { configurationError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';
import { placeOfSecret, readCertificate, readSecret } from './setting-file.ts';

type Wanted = Pick<Invocation, 'settings' | 'environment'>;
type ListenAddress = NonNullable<Settings['listen']>;

const DEFAULT_ADDRESS: ListenAddress = { host: '127.0.0.1', port: 9_180 };
/** A token that can be guessed is none. */
const SHORTEST_TOKEN = 16;
/** What a header can carry (RFC 6750 2.1). */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

export function serverAddress({ listen = DEFAULT_ADDRESS }: Pick<Settings, 'listen'>): ListenAddress {
  return listen;
}

/** Of anything but loopback, refuses without a certificate and a token. */
export function readServerSecrets(wanted: Wanted): ServerSecrets {
  const [identity, token] = [readServerIdentity(wanted), readToken(wanted)];
  const address = serverAddress(wanted.settings);
  if (!isLoopback(address) && (!identity || token === undefined))
    throw configurationError(
      `serve.listen: ${address.host} can be reached from other machines, so serve.certificate, serve.key and serve.token_file are needed. ` +
        'Set them, or listen on 127.0.0.1.',
    );
  return { identity, token };
}

/** The new ones when they are others than `before`; the problem where they cannot be used. */
export function renewedSecrets(before: ServerSecrets, wanted: Wanted): ServerSecrets | Problem | undefined {
  try {
    const now = readServerSecrets(wanted);
    return JSON.stringify(now) === JSON.stringify(before) ? undefined : now;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
}

function readServerIdentity({ settings, environment }: Wanted): ServerIdentity | undefined {
  const { serveCertificate, serveKey } = settings;
  if (serveCertificate === undefined) {
    if (serveKey === undefined) return undefined;
    throw configurationError('serve.key is set, but not serve.certificate.');
  }
  const place = placeOfSecret(serveKey, 'serve-key', environment);
  if (!place) throw configurationError('serve.certificate is set, but not serve.key.');
  const identity = {
    cert: readCertificate(serveCertificate, 'serve.certificate'),
    key: readSecret(place, 'serve.key'),
  };
  requireFit(identity, serveCertificate, place.path);
  return identity;
}

function requireFit(identity: ServerIdentity, certificate: string, key: string): void {
  try {
    createSecureContext(identity);
  } catch (error) {
    throw configurationError(
      `serve.certificate: ${certificate} and the key in ${key} cannot be used together (${messageOf(error)}).`,
    );
  }
}

function readToken({ settings: { serveTokenFile }, environment }: Wanted): string | undefined {
  const place = placeOfSecret(serveTokenFile, 'serve-token', environment);
  // One of $CREDENTIALS_DIRECTORY need not be there.
  if (!place || (place.isCredential && !existsSync(place.path))) return undefined;
  const token = readSecret(place, 'serve.token_file').trim();
  if (token.length >= SHORTEST_TOKEN && TOKEN.test(token)) return token;
  throw configurationError(
    `serve.token_file: ${place.path} must have one token of ${String(SHORTEST_TOKEN)} characters at least, of letters, digits and -._~+/ ` +
      '(as openssl rand -hex 32 makes it).',
  );
}

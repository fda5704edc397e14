/**
 * The certificate, the key and the token of `serve`, as the settings name them.
 *
 * Problems: configuration-error.
 */
import { existsSync } from 'node:fs';
import { isLoopback } from '#adapters/http/listen-on.ts';
import type { ServerIdentity } from '#adapters/http/listen-on.ts';
import type { ServerSecrets } from '#adapters/http/web-server.ts';
import type { Settings } from '#config/settings.ts';
import { configurationError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';
import { readServerIdentity } from './server-identity.ts';
import { placeOfSecret, readSecret } from './setting-file.ts';

type Wanted = Pick<Invocation, 'settings' | 'environment'>;
type ListenAddress = NonNullable<Settings['listen']>;

const DEFAULT_ADDRESS: ListenAddress = { host: '127.0.0.1', port: 9_180 };
const SERVE_NAMES = { certificate: 'serve.certificate', key: 'serve.key', credential: 'serve-key' };
/** A token that can be guessed is none. */
const SHORTEST_TOKEN = 16;
/** What a header can carry (RFC 6750 2.1). */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

export function serverAddress({ listen = DEFAULT_ADDRESS }: Pick<Settings, 'listen'>): ListenAddress {
  return listen;
}

/** Of anything but loopback, refuses without a certificate and a token. */
export function readServerSecrets(wanted: Wanted): ServerSecrets {
  const [identity, token] = [readIdentity(wanted), readToken(wanted)];
  const address = serverAddress(wanted.settings);
  if (!isLoopback(address) && (!identity || token === undefined))
    throw configurationError(
      `serve.listen: ${address.host} can be reached from other machines, so serve.certificate, serve.key and serve.token_file are needed. ` +
        'Set them, or listen on 127.0.0.1.',
    );
  return { identity, token };
}

function readIdentity({ settings, environment }: Wanted): ServerIdentity | undefined {
  const files = { certificate: settings.serveCertificate, key: settings.serveKey };
  return readServerIdentity(files, SERVE_NAMES, environment);
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

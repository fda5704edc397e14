/**
 * The OpenSearch or Elasticsearch that the settings name, with what it wants to be told.
 *
 * Problems: configuration-error.
 */
import { EngineClient } from '#adapters/opensearch/engine-client.ts';
import type { EngineOptions } from '#adapters/opensearch/engine-client.ts';
import { VERSION } from '#support/version.ts';
import { configurationError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';
import { readAuthorities, readPassword } from './setting-file.ts';

const PASSWORD = { key: 'cluster.password_file', credential: 'cluster-password', neededBy: 'cluster.user' };
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

export interface EngineWish {
  readonly url: URL;
  readonly timeoutMs: number;
}

export function engineClient(
  { url, timeoutMs }: EngineWish,
  { settings, environment }: Pick<Invocation, 'settings' | 'environment'>,
): EngineClient {
  const { clusterCa: ca, clusterInsecure } = settings;
  if (url.protocol === 'http:' && !clusterInsecure && !LOOPBACK.test(url.hostname))
    throw configurationError(
      `${url.host} would be spoken to without TLS: whoever is in between could read and change all of it. Write https, or set cluster.insecure (--cluster-insecure).`,
    );
  return new EngineClient({
    url,
    timeoutMs,
    userAgent: `tlsrpt/${VERSION}`,
    ca: ca === undefined ? undefined : readAuthorities(ca, 'cluster.ca'),
    login: loginFor(url, { settings, environment }),
  });
}

/** What is meant for one host is told no other one. */
function loginFor(
  url: URL,
  { settings, environment }: Pick<Invocation, 'settings' | 'environment'>,
): EngineOptions['login'] {
  const { clusterUrl, clusterUser: user, clusterPasswordFile: file } = settings;
  const isMeant = clusterUrl === undefined || new URL(clusterUrl).origin === url.origin;
  if (user === undefined || !isMeant) return undefined;
  return { user, password: readPassword(file, PASSWORD, environment) };
}

/**
 * The proxy for HTTPS, with what it wants to be told.
 *
 * Problems: configuration-error.
 */
import type { HttpsProxy } from '#adapters/https/https-options.ts';
import type { SettingName } from '#config/settings.ts';
import { configurationError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';
import { readPassword } from './setting-file.ts';

export const proxySettings = [
  'httpsProxy',
  'httpsProxyUser',
  'httpsProxyPasswordFile',
] as const satisfies SettingName[];

const PASSWORD = {
  key: 'send.https_proxy_password_file',
  credential: 'https-proxy-password',
  neededBy: 'send.https_proxy_user',
};

/** Undefined without one. */
export function httpsProxyOf({
  settings,
  environment,
}: Pick<Invocation, 'settings' | 'environment'>): HttpsProxy | undefined {
  const { httpsProxy, httpsProxyUser: user, httpsProxyPasswordFile } = settings;
  if (httpsProxy === undefined) return undefined;
  const url = new URL(httpsProxy);
  if (user === undefined) return { url };
  const password = readPassword(httpsProxyPasswordFile, PASSWORD, environment);
  // RFC 7617 2
  if (/\p{Cc}/u.test(password)) throw configurationError(`${PASSWORD.key}: the password must be one line.`);
  return { url, login: { user, password } };
}

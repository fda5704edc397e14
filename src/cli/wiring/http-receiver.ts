/**
 * Starts what `collect` receives with over HTTP, as the settings say, and renews certificate and credentials when their files change.
 *
 * Problems: configuration-error, http-not-listening, thread-not-started.
 */
import { statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { readCredentials } from '#adapters/http/credentials.ts';
import type { HttpSecrets } from '#adapters/http/http-messages.ts';
import type { HttpNews } from '#adapters/http/http-news.ts';
import { isLoopback } from '#adapters/http/listen-on.ts';
import { startThreadedHttp } from '#adapters/http/threaded-http-receiver.ts';
import type { StartedHttp } from '#adapters/http/threaded-http-receiver.ts';
import { configurationError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';
import type { Settings } from '#config/settings.ts';
import type { Log, LogEvent } from '#events/event.ts';
import {
  httpFilesRenewed,
  httpFilesUnusable,
  httpFull,
  httpOpenToAll,
  httpReady,
  httpUnauthorized,
  httpUnreadable,
} from '#events/http-events.ts';
import type { Receiver } from '#pipeline/collect/receiver.ts';
import { messageOf, Problem } from '#support/problem.ts';
import { readSecret, readSettingFile } from './setting-file.ts';

const LOOK_MS = 10_000;

export interface StartedReceiver {
  readonly receiver: Receiver;
  /** On what it receives. */
  readonly names: readonly string[];
}

export interface HttpOpener {
  readonly start: (stopping: AbortSignal) => Promise<StartedReceiver>;
}

/** Checks everything before anything is opened. Undefined when nothing is to come over HTTP. */
export function httpOpener({ settings, log }: Invocation): HttpOpener | undefined {
  const { http: addresses } = settings;
  if (addresses.length === 0) return undefined;
  const secrets = secretsOf(settings);
  refuseOpenAddresses(settings);
  return {
    start: async (stopping) => {
      const tell = (news: HttpNews): void => {
        log(eventOf(news));
      };
      const started = await startThreadedHttp({ addresses, secrets }, tell);
      log(httpReady(secrets.identity ? 'https' : 'http', started.addresses));
      const isOpen = secrets.credentials === undefined && !addresses.every(isLoopback);
      if (isOpen) log(httpOpenToAll(started.addresses));
      renewWhenChanged(started, settings, { log, stopping });
      return { receiver: started.receiver, names: started.addresses };
    },
  };
}

function secretsOf({ httpCertificate, httpKey, httpCredentials }: Settings): HttpSecrets {
  if ((httpCertificate === undefined) !== (httpKey === undefined))
    throw configurationError('collect.http_certificate and collect.http_key go together: only one of them is set.');
  return {
    identity: httpCertificate === undefined || httpKey === undefined ? undefined : identityOf(httpCertificate, httpKey),
    credentials: httpCredentials === undefined ? undefined : credentialsOf(httpCredentials),
  };
}

function identityOf(certificate: string, keyFile: string): { readonly cert: string; readonly key: string } {
  const cert = readSettingFile(certificate, 'collect.http_certificate');
  const key = readSecret({ path: keyFile, isCredential: false }, 'collect.http_key');
  try {
    createSecureContext({ cert, key });
    return { cert, key };
  } catch (error) {
    throw configurationError(
      `collect.http_certificate: ${certificate} and ${keyFile} are not a certificate and its key: ${messageOf(error)}.`,
    );
  }
}

function credentialsOf(path: string): string {
  const key = 'collect.http_credentials';
  const content = readSecret({ path, isCredential: false }, key);
  const reading = readCredentials(content);
  if (reading.kind === 'credentials') return content;
  throw configurationError(`${key}: line ${String(reading.line)} of ${path} ${reading.why}.`);
}

function refuseOpenAddresses({ http, httpCertificate, httpInsecure }: Settings): void {
  if (httpCertificate !== undefined || httpInsecure || http.every(isLoopback)) return;
  throw configurationError(
    'collect.http: other machines reach this address, so it needs TLS. Set collect.http_certificate and collect.http_key; or ' +
      'collect.http_insecure (--http-insecure) where everything in between is yours.',
  );
}

interface Renewal {
  readonly log: Log;
  readonly stopping: AbortSignal;
}

/** What cannot be used when it has changed is told once; the next change is looked at again. */
function renewWhenChanged({ renew }: StartedHttp, settings: Settings, { log, stopping }: Renewal): void {
  const { httpCertificate, httpKey, httpCredentials } = settings;
  const paths = [httpCertificate, httpKey, httpCredentials].filter((path) => path !== undefined);
  if (paths.length === 0) return;
  let states = paths.map(stateOf);
  const timer = setInterval(() => {
    const before = states;
    states = paths.map(stateOf);
    const changed = paths.filter((_, index) => states[index] !== before[index]);
    if (changed.length === 0) return;
    try {
      renew(secretsOf(settings));
      log(httpFilesRenewed(changed));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      log(httpFilesUnusable(error.message));
    }
  }, LOOK_MS).unref();
  stopping.addEventListener('abort', () => {
    clearInterval(timer);
  });
}

/** By which it is seen that a file, or what its name leads to, is another one. */
function stateOf(path: string): string {
  try {
    const { ino, mtimeMs, ctimeMs, size, mode } = statSync(path);
    return [ino, mtimeMs, ctimeMs, size, mode].join(' ');
  } catch {
    return 'gone';
  }
}

function eventOf(news: HttpNews): LogEvent {
  switch (news.kind) {
    case 'unauthorized':
      return httpUnauthorized(news.from);
    case 'unreadable':
      return httpUnreadable(news.from, news.path, news.why);
    case 'full':
      return httpFull(news.from);
  }
}

/**
 * What serve tells.
 */
import { event } from './event.ts';
import type { LogEvent } from './event.ts';

export function serverReady(url: string): LogEvent {
  return event('info', 'server-ready', `Answering on ${url}.`, { url });
}

export function serverStopped(): LogEvent {
  return event('info', 'server-stopped', 'Told to stop: nothing more is answered.');
}

export function serverSecretsRenewed(): LogEvent {
  return event(
    'info',
    'server-secrets-renewed',
    'The certificate, its key or the token has changed; the new ones are used.',
  );
}

export function serverSecretsNotRenewed(why: string): LogEvent {
  return event(
    'warning',
    'server-secrets-not-renewed',
    `The certificate, its key or the token has changed, and cannot be used as it is: ${why} What was there before goes on being used.`,
    { why },
  );
}

/** A reading for a page that was given up; the page says which day it is. */
export function pageNotRead(what: string, why: string): LogEvent {
  return event('warning', 'page-not-read', `What a page shows could not be read (${what}): ${why}.`, { what, why });
}

/** Once, until it works again. */
export function stateNotRead(why: string): LogEvent {
  return event('warning', 'state-not-read', `The state directory could not be read for who asks: ${why}.`, { why });
}

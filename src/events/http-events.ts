/**
 * What is told of sessions that are posted over HTTP.
 */
import { event } from './event.ts';
import type { LogEvent } from './event.ts';

/** `scheme`: http or https. */
export function httpReady(scheme: string, addresses: readonly string[]): LogEvent {
  const urls = addresses.map((address) => `${scheme}://${address}`);
  return event('info', 'http-ready', `Sessions can be posted to ${urls.join(', ')}.`, { urls });
}

export function httpOpenToAll(addresses: readonly string[]): LogEvent {
  return event(
    'warning',
    'http-open-to-all',
    `Whoever reaches ${addresses.join(', ')} can post sessions, and so what reports say. Set collect.http_credentials, or let a firewall say who does.`,
    { addresses },
  );
}

export function httpUnauthorized(from: string): LogEvent {
  return event('warning', 'http-unauthorized', `${from} posted with wrong credentials, or none, and was refused.`, {
    from,
  });
}

export function httpUnreadable(from: string, path: string, why: string): LogEvent {
  return event('warning', 'http-unreadable', `Something that ${from} posted to ${path} does not count: ${why}.`, {
    from,
    path,
    why,
  });
}

export function httpFull(from: string): LogEvent {
  return event(
    'warning',
    'http-full',
    `${from} was told to post again later, as what came is not journaled as fast as more is posted.`,
    { from },
  );
}

export function httpFilesRenewed(paths: readonly string[]): LogEvent {
  return event('info', 'http-files-renewed', `${paths.join(', ')} changed, and what they hold is used now.`, { paths });
}

export function httpFilesUnusable(why: string): LogEvent {
  return event('error', 'http-files-unusable', `${why} What the files held before is used until they can be.`, { why });
}

/**
 * What serve tells of reports that are posted. What strangers cause is told once a minute at most.
 */
import { event } from './event.ts';
import type { LogEvent } from './event.ts';

export function postedReady(url: string): LogEvent {
  return event('info', 'reports-ready', `Reports can be posted to ${url}.`, { url });
}

export function postedRefused(from: string, why: string): LogEvent {
  return event('info', 'posted-report-refused', `What ${from} posted is not taken: ${why}`, { from, why });
}

export function postedLimited(from: string): LogEvent {
  return event(
    'warning',
    'posted-reports-limited',
    `${from} posts more than serve.reports_rate lets an address post, and was told to wait.`,
    { from },
  );
}

export function postedFull(from: string): LogEvent {
  return event(
    'warning',
    'posted-reports-full',
    `${from} was told to post again later, as more is posted than can be stored.`,
    { from },
  );
}

export function postedThroughProxy(from: string): LogEvent {
  return event(
    'warning',
    'posted-through-proxy',
    `What is posted comes through a proxy at ${from} that serve.reports_proxies does not name, so all who post count as one.`,
    { from },
  );
}

/** `why`: sentences of the problem `code`. */
export function postedNotStored(code: string, why: string): LogEvent {
  return event('error', 'posted-report-not-stored', `Whoever posted a report has to post it again (${code}): ${why}`, {
    code,
    why,
  });
}

/** It is not stored, and whoever posts it is told to try again. */
export function postedFailed(error: unknown): LogEvent {
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const message =
    'This is a bug in tlsrpt, by which a report that was posted is not taken; please report it with what follows.';
  return { ...event('error', 'internal-error', message), details: details.split('\n') };
}

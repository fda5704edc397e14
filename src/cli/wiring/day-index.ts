/**
 * Where publish writes to, out of the settings.
 *
 * Problems: configuration-error.
 */
import { EngineDayIndex } from '#adapters/opensearch/engine-day-index.ts';
import { configurationError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';
import { engineClient } from './search-engine.ts';

const TIMEOUT_MS = 60_000;

/** To be closed. What is under way is given up once the signal aborts. */
export function dayIndexOf(invocation: Invocation, signal: AbortSignal): EngineDayIndex {
  const { clusterUrl, clusterIndexPrefix: prefix } = invocation.settings;
  if (clusterUrl === undefined)
    throw configurationError('cluster.url is not set, so there is nowhere to publish to (--cluster-url).');
  const client = engineClient({ url: new URL(clusterUrl), timeoutMs: TIMEOUT_MS }, invocation);
  return new EngineDayIndex({ client, prefix, signal });
}

/**
 * What reporters share of the days, in the OpenSearch or Elasticsearch that the settings name.
 *
 * Problems: configuration-error.
 */
import { EngineBucketLeases } from '#adapters/opensearch/engine-bucket-leases.ts';
import { EngineSharedReports } from '#adapters/opensearch/engine-shared-reports.ts';
import { BUCKETS } from '#pipeline/share/domain-bucket.ts';
import { configurationError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';
import { engineClient } from './search-engine.ts';

const TIMEOUT_MS = 30_000;

export interface SharedDays {
  readonly leases: EngineBucketLeases;
  readonly reports: EngineSharedReports;
  close(): void;
}

/** To be closed. */
export function sharedDaysOf(invocation: Invocation): SharedDays {
  const { clusterUrl, clusterIndexPrefix: prefix } = invocation.settings;
  if (clusterUrl === undefined)
    throw configurationError('cluster.url is not set, so there is nothing to share with others (--cluster-url).');
  const client = engineClient({ url: new URL(clusterUrl), timeoutMs: TIMEOUT_MS }, invocation);
  return {
    leases: new EngineBucketLeases({ client, prefix, buckets: BUCKETS }),
    reports: new EngineSharedReports({ client, prefix }),
    close: () => {
      client.close();
    },
  };
}

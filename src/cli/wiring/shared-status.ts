/**
 * `status --shared`: what all reporters have done that use the same OpenSearch or Elasticsearch.
 *
 * Problems: configuration-error, cluster-unreachable, cluster-refused.
 */
import { readSharedDays } from '#pipeline/share/read-shared-days.ts';
import { requestedDay } from '#cli/arguments/flags.ts';
import type { Invocation } from '#cli/command.ts';
import { jsonText } from '#cli/output/json-text.ts';
import { sharedJson, sharedText } from '#cli/output/shared-text.ts';

const TIMEOUT_MS = 30_000;

export async function sharedStatus(invocation: Invocation): Promise<string> {
  const day = requestedDay(invocation);
  const { sharedDaysOf } = await import('./shared-days.ts'); // with the web client
  const shared = sharedDaysOf(invocation);
  try {
    const days = await readSharedDays({ ...shared, day, timeoutMs: TIMEOUT_MS });
    return invocation.given.has('json') ? jsonText(sharedJson(shared.leases.name, days)) : sharedText(days);
  } finally {
    shared.close();
  }
}

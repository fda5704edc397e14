/**
 * An outbox in which one report is not what was written any more, as a failing disk leaves it.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Store } from '#store/store.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export function damageReport({ path, outboxes }: Store, day: UtcDay, policyDomain: string): void {
  const outbox = outboxes.open(day);
  outbox.checkpoint();
  outbox.close();
  const cut = `UPDATE reports SET content = substr(content, 1, length(content) - 1) WHERE policy_domain = '${policyDomain}'`;
  execFileSync('sqlite3', [join(path, 'outbox', `${day}.sqlite`), cut]);
}

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { databasePaths, emptyDatabase } from '#store/durable/database-file.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { makeDatagram, recordedDatagrams } from '#test/support/datagrams.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { sessionDayKind } from '#store/sessions/session-day.ts';
import { sessionSumsOf } from '#store/sessions/session-sums.ts';
import type { SessionSums } from '#store/sessions/session-sums.ts';
import { systemDisk } from '#support/disk.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

async function collected(
  datagrams: readonly Buffer[],
): Promise<{ sums: SessionSums | undefined; oneByOne: SessionSums }> {
  const days = await CollectedDays.make();
  days.collect(datagrams);
  const reader = days.store.sessions.read(DAY);
  const policies = new Map<string, SessionSums['policies'][number]>();
  const failures = new Map<string, SessionSums['failures'][number]>();
  for (const tally of reader?.domainTallies() ?? [])
    for (const { policy, successful, failed, failures: details } of tally.policies) {
      const policyType = policy.type as SessionSums['policies'][number]['policyType'];
      const known = policies.get(policyType) ?? { policyType, successful: 0, failed: 0 };
      policies.set(policyType, {
        policyType,
        successful: known.successful + successful,
        failed: known.failed + failed,
      });
      for (const { details: failure, sessions } of details) {
        const resultType = failure.resultType as SessionSums['failures'][number]['resultType'];
        const key = `${policyType} ${resultType}`;
        failures.set(key, { policyType, resultType, sessions: (failures.get(key)?.sessions ?? 0) + sessions });
      }
    }
  const sums = reader?.sums();
  reader?.close();
  return { sums, oneByOne: { policies: [...policies.values()], failures: [...failures.values()] } };
}

function inOrder(sums: SessionSums | undefined): unknown {
  const sorted = (list: readonly object[] = []): string[] => list.map((one) => JSON.stringify(one)).sort();
  return [sorted(sums?.policies), sorted(sums?.failures)];
}

describe('The sums of a day of sessions', () => {
  it('are what is to be seen one by one', async () => {
    const failing = makeDatagram({ domain: 'bad.example', failures: [{ code: 204 }, { code: 201 }] });
    const { sums, oneByOne } = await collected([...recordedDatagrams(), failing, failing]);
    expect(sums?.policies.length).toBeGreaterThan(1);
    expect(inOrder(sums)).toEqual(inOrder(oneByOne));
  });

  it('have one name for all types that are not known, whatever strangers call them', async () => {
    const context = { sqlite: await loadSqlite(), disk: systemDisk };
    const { database } = emptyDatabase(context, databasePaths(join(scratchDirectory(), 'day')), sessionDayKind);
    const policy = `INSERT INTO policies VALUES (:id, 'a.example', NULL, :type, 'a.example', '[]', '[]', 2, 3)`;
    ['new-type', 'sts', '"}\n1'].forEach((type, index) => {
      database.run(policy, { id: index + 1, type });
    });
    const failure = `INSERT INTO failures (policy_id, result_type, failed_sessions) VALUES (:policyId, :type, 1)`;
    database.run(failure, { policyId: 1, type: 'certificate-expired' });
    database.run(failure, { policyId: 2, type: 'new-failure' });
    database.run(failure, { policyId: 2, type: 'another' });
    expect(inOrder(sessionSumsOf(database))).toEqual(
      inOrder({
        policies: [
          { policyType: 'other', successful: 4, failed: 6 },
          { policyType: 'sts', successful: 2, failed: 3 },
        ],
        failures: [
          { policyType: 'other', resultType: 'certificate-expired', sessions: 1 },
          { policyType: 'sts', resultType: 'other', sessions: 2 },
        ],
      }),
    );
    database.close();
  });
});

import { describe, expect, it } from 'vitest';
import { databasePaths } from '#store/durable/database-file.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import { WorkingCopy } from '#store/durable/working-copy.ts';
import { sessionDayKind } from '#store/sessions/session-day.ts';
import { StoreProblem } from '#store/store-problem.ts';
import type { DiskCall } from '#test/support/simulated-disk/disk-faults.ts';
import { SimulatedDisk } from '#test/support/simulated-disk.ts';

const PATHS = databasePaths('/sessions/2026-11-19');
const POLICIES = 200;
const sqlite = await loadSqlite();

function filledCopy(disk: SimulatedDisk): WorkingCopy {
  disk.makeDirectory('/sessions');
  const copy = WorkingCopy.make({ sqlite, disk }, PATHS, sessionDayKind, 'nothing');
  for (let id = 1; id <= POLICIES; id += 1) copy.apply([['add-policy', policyOf(id)]]);
  return copy;
}

function policyOf(id: number): Record<string, string | number> {
  const domain = `domain-${String(id)}.example`;
  return { id, domain, record: 'v=TLSRPTv1', type: 'sts', policyDomain: domain, strings: '[]', mxHosts: '[]' };
}

/** False when there were fewer such calls. */
function publishesWithFault(nth: number, call: DiskCall): boolean {
  const disk = new SimulatedDisk();
  const copy = filledCopy(disk);
  disk.faults.failNth(nth, { errno: 'EIO' }, [call]);
  const { happened } = disk.faults;
  try {
    copy.publish(1);
  } catch (error) {
    expect(error).toBeInstanceOf(StoreProblem);
    expect(disk.status(PATHS.snapshot)).toBeUndefined();
    return true;
  }
  expect(disk.faults.happened, `call ${String(nth)} failed and nobody said so`).toBe(happened);
  return false;
}

describe('A working copy', () => {
  it.each(['write', 'read'] as const)('never becomes the snapshot when a %s of it failed', (call) => {
    let nth = 1;
    while (publishesWithFault(nth, call)) nth += 1;
    if (call === 'write') expect(nth).toBeGreaterThan(5);
  });
});

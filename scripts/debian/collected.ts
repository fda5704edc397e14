/**
 * What tlsrpt on the machine has counted.
 */
import { strict as assert } from 'node:assert';
import type { ReportDocument } from '#tlsrpt/report-json.ts';
import { eventually } from './machine.ts';
import type { Machine } from './machine.ts';
import { loggedOutcomes } from './postfix.ts';
import type { Outcomes } from './postfix.ts';

interface Status {
  readonly days: readonly { readonly collected: { readonly datagrams: number; readonly rejected: number } }[];
}

/** Over all days, as a test may run across midnight. */
export async function datagrams(machine: Machine): Promise<number> {
  const { days } = JSON.parse(await machine.run('tlsrpt', 'status', '--json')) as Status;
  assert.equal(sum(days.map(({ collected }) => collected.rejected)), 0, 'no datagram is rejected');
  return sum(days.map(({ collected }) => collected.datagrams));
}

/** Every event that Postfix logged is there. Returns how many there are. */
export async function seeEverythingCounted(machine: Machine, others = 0): Promise<number> {
  const logged = sum(
    [...(await loggedOutcomes(machine)).values()].map(({ successful, failed }) => successful + failed),
  );
  assert.ok(logged > 0, 'Postfix reports what it sees');
  await eventually(
    `${String(logged + others)} datagrams are counted`,
    async () => (await datagrams(machine)) >= logged + others,
  );
  assert.equal(await datagrams(machine), logged + others, 'nothing is counted twice');
  return logged;
}

export function outcomesIn({ policies }: ReportDocument): Outcomes {
  const summaries = policies.map(({ summary }) => summary);
  return {
    successful: sum(summaries.map((summary) => summary['total-successful-session-count'])),
    failed: sum(summaries.map((summary) => summary['total-failure-session-count'])),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reportWithId } from '#test/contracts/report-transport.contract.ts';
import { CollectedDays, DAY, MORNING_MS } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { run } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const EARLIER_MS = MORNING_MS - 90_000;

async function stateDirectory(): Promise<string> {
  const days = await CollectedDays.make();
  days.collect([makeDatagram({ domain: 'good.example' }), Buffer.from('not JSON'), Buffer.from('{}')]);
  const outbox = days.store.outboxes.open(DAY);
  outbox.save([
    { outgoing: reportWithId('a@x'), destinations: ['mailto:a@b.example', 'https://b.example/r'], dueMs: EARLIER_MS },
  ]);
  const withholding = { policyDomain: 'other.example', why: 'only-report-mails' } as const;
  outbox.replaceReports([{ policyDomain: 'other.example', changes: [{ kind: 'withhold', withholding }] }], () => {
    throw new Error('refused');
  });
  outbox.close();
  return days.store.path;
}

/** By name and labels. */
function valuesIn(text: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(lines.map((line) => [line.replace(/ \S+$/, ''), Number(/\S+$/.exec(line)?.[0])]));
}

describe('tlsrpt status --prometheus', () => {
  it('prints the numbers of status --json', async () => {
    const stateDir = await stateDirectory();
    const environment = { TLSRPT_FETCH_SOURCES: '/mx1,/mx2' };
    const { code, stdout, stderr } = await run(['status', '--prometheus', '-'], { stateDir, environment });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const json = await run(['status', '--json'], { stateDir, environment });
    const { summary, days } = JSON.parse(json.stdout) as {
      summary: Record<string, unknown> & { deliveries: Record<string, number>; overdueSeconds: number };
      days: readonly { collected: Record<string, unknown> & { rejectedByKind: object } }[];
    };
    const collected = days[0]?.collected;
    const values = valuesIn(stdout);
    const byState = (state: string): number =>
      Object.entries(values)
        .filter(([name]) => name.startsWith('tlsrpt_deliveries{') && name.includes(`state="${state}"`))
        .reduce((sum, [, value]) => sum + value, 0);
    expect(Object.fromEntries(Object.keys(summary.deliveries).map((state) => [state, byState(state)]))).toEqual(
      summary.deliveries,
    );
    const overdueMs = 1_000 * (values['tlsrpt_oldest_overdue_delivery_timestamp_seconds'] ?? 0);
    expect(summary.overdueSeconds).toBe((MORNING_MS - overdueMs) / 1_000);
    expect({
      withheld: values['tlsrpt_withheld_domains'],
      missingSources: values['tlsrpt_missing_sources'],
    }).toEqual({ withheld: summary['withheld'], missingSources: summary['missingSources'] });
    expect(summary['missingSources']).toBe(2);
    expect({
      datagrams: values['tlsrpt_yesterday_datagrams'],
      dropped: values['tlsrpt_yesterday_datagrams_dropped'],
      domains: values['tlsrpt_yesterday_domains'],
    }).toEqual({
      datagrams: collected?.['datagrams'],
      dropped: collected?.['dropped'],
      domains: collected?.['domains'],
    });
    for (const [kind, count] of Object.entries(collected?.rejectedByKind ?? {}))
      expect(values[`tlsrpt_yesterday_datagrams_rejected{kind="${kind}"}`]).toBe(count);
  });

  it('writes them into a file and prints nothing', async () => {
    const file = join(scratchDirectory(), 'tlsrpt.prom');
    const { code, stdout, stderr } = await run(['status', '--prometheus', file], { stateDir: await stateDirectory() });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readFileSync(file, 'utf8')).toContain('tlsrpt_yesterday_datagrams 3\n');
  });

  it('refuses a file that node_exporter would pass over', async () => {
    const { code, stderr } = await run(['status', '--prometheus', '/nowhere/tlsrpt.txt']);
    expect(code).toBe(64);
    expect(stderr).toContain('must end in .prom');
  });

  it('says which file cannot be written', async () => {
    const file = join(scratchDirectory(), 'missing', 'tlsrpt.prom');
    const { code, stderr } = await run(['status', '--prometheus', file]);
    expect(code).toBe(73);
    expect(stderr).toContain(`error file-not-written: ${file} cannot be written: ENOENT`);
  });

  it('says that there is no state directory', async () => {
    const stateDir = join(scratchDirectory(), 'missing');
    expect(await run(['status', '--prometheus', '-'], { stateDir })).toMatchObject({ code: 78, stdout: '' });
  });
});

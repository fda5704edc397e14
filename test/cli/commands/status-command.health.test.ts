import { describe, expect, it } from 'vitest';
import { CollectorStore } from '#store/collector-store.ts';
import { Store } from '#store/store.ts';
import { MORNING_MS } from '#test/support/collected-days.ts';
import { run } from '#test/support/run-program.ts';
import type { ProgramRun } from '#test/support/run-program.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const HOUR_MS = 3_600_000;

interface Past {
  readonly report?: readonly [hoursAgo: number, exitCode: number, ...reasons: string[]];
  readonly send?: readonly [hoursAgo: number, exitCode: number, ...reasons: string[]];
}

interface Looked {
  readonly isCollecting?: boolean;
  readonly past?: Past;
  readonly words?: readonly string[];
}

async function health({ isCollecting = true, past = {}, words = [] }: Looked = {}): Promise<ProgramRun> {
  const stateDir = scratchDirectory();
  const { runs } = await Store.open(stateDir);
  for (const command of ['report', 'send'] as const) {
    const [hoursAgo, exitCode, ...reasons] = past[command] ?? [];
    if (hoursAgo === undefined || exitCode === undefined) continue;
    const time = new Date(MORNING_MS - hoursAgo * HOUR_MS).toISOString();
    runs.note(command, { started: time, ended: time, exitCode, reasons });
  }
  const collector = new CollectorStore(stateDir);
  const lock = isCollecting ? collector.lock() : undefined;
  const ended = await run(['status', '--health', ...words], { stateDir });
  lock?.release();
  return ended;
}

describe('tlsrpt status --health', () => {
  it.each([
    ['nothing has run yet', {}],
    ['all is done', { report: [1, 0], send: [0, 0] }],
    ['something waits', { report: [24, 75, 'records-unknown'], send: [1, 75, 'deliveries-waiting'] }],
  ] as const)('says in a word that all is well when a collector runs and %s', async (_, past) => {
    expect(await health({ past })).toEqual({ code: 0, stdout: 'healthy\n', stderr: '' });
  });

  it('ends with 69 when no collector runs', async () => {
    const { code, stdout, stderr } = await health({ isCollecting: false });
    expect([code, stdout]).toEqual([69, '']);
    expect(stderr).toContain('error collector-not-running: No collector runs on this state directory.');
  });

  it.each([
    [{ send: [1, 78, 'configuration-error'] }, 'last-run-failed', 'with exit code 78 (configuration-error)'],
    [{ report: [1, 70] }, 'last-run-failed', 'with exit code 70;'],
    [{ report: [1, 0], send: [26, 0] }, 'last-run-overdue', 'The last send ended at'],
  ] as const)('ends with 69 after %j, and says why: %s', async (past, problem, message) => {
    const { code, stdout, stderr } = await health({ past });
    expect([code, stdout, stderr.includes(problem), stderr.includes(message)]).toEqual([69, '', true, true]);
  });

  it('is JSON where that is wanted', async () => {
    expect(JSON.parse((await health({ words: ['--json'] })).stdout)).toMatchObject({
      healthy: true,
      problems: [],
      collector: { running: true },
      lastDatagram: null,
      runs: { report: null, send: null },
    });
    const { stdout } = await health({ isCollecting: false, words: ['--json'] });
    expect(JSON.parse(stdout)).toMatchObject({ healthy: false, problems: [{ code: 'collector-not-running' }] });
  });

  it('is refused together with what it would not show', async () => {
    expect((await health({ words: ['--all'] })).code).toBe(64);
  });
});

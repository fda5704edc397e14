import { describe, expect, it } from 'vitest';
import { judgeActivity } from '#pipeline/doctor/judge-activity.ts';
import type { ActivityFacts } from '#pipeline/doctor/judge-activity.ts';

const NOW_MS = Date.parse('2026-11-29T12:00:00Z');
const run = (
  hoursAgo: number,
  exitCode = 0,
  reasons: readonly string[] = [],
): NonNullable<ActivityFacts['runs']['send']> => {
  const at = new Date(NOW_MS - hoursAgo * 3_600_000).toISOString();
  return { started: at, ended: at, exitCode, reasons };
};
const sound: ActivityFacts = {
  collector: { kind: 'running', holder: 'process 812' },
  hasPostfix: true,
  isStartedAnyway: false,
  hasUnit: true,
  lastDatagramMs: NOW_MS - 60_000,
  runs: { report: run(1), send: run(0, 75, ['deliveries-waiting']) },
  nowMs: NOW_MS,
};

function wrong(facts: Partial<ActivityFacts>): string[] {
  return judgeActivity({ ...sound, ...facts }).flatMap((finding) =>
    finding.grade === 'ok' ? [] : [`${finding.grade} ${finding.check}: ${finding.what}`],
  );
}

describe('judgeActivity', () => {
  it.each<readonly [string, Partial<ActivityFacts>]>([
    ['all goes on', {}],
    ['what mends the socket starts the collector', { collector: { kind: 'none' }, isStartedAnyway: true }],
    ['nothing has run yet', { runs: {}, lastDatagramMs: undefined }],
    ['others collect', { hasPostfix: false, collector: { kind: 'none' }, lastDatagramMs: undefined }],
  ])('has nothing to say where %s', (_, facts) => {
    expect(wrong(facts)).toEqual([]);
  });

  it.each<readonly [Partial<ActivityFacts>, RegExp]>([
    [{ collector: { kind: 'none' } }, /^systemctl start tlsrpt\.service, and see journalctl -u tlsrpt\.service /],
    [{ runs: { send: run(30) } }, /^systemctl enable --now tlsrpt-send\.timer/],
  ])('names what systemd has to do where it runs the collector, case %#', (facts, fix) => {
    expect(judgeActivity({ ...sound, ...facts })).toContainEqual(
      expect.objectContaining({ fix: expect.stringMatching(fix) as string }),
    );
  });

  it.each<Partial<ActivityFacts>>([
    { collector: { kind: 'none' } },
    { collector: { kind: 'running', holder: 'process 1', trouble: { code: 'disk-full', sinceMs: 0 } } },
    { collector: { kind: 'running', holder: 'process 1', tallyTrouble: { code: 'disk-full', sinceMs: 0 } } },
    { runs: { report: run(30), send: run(30) } },
  ])('names nothing of systemd where that does not run the collector, case %#', (facts) => {
    const findings = judgeActivity({ ...sound, hasUnit: false, ...facts });
    expect(findings.some(({ grade }) => grade !== 'ok')).toBe(true);
    expect(JSON.stringify(findings)).not.toMatch(/systemctl|journalctl/);
  });

  it.each<readonly [Partial<ActivityFacts>, string]>([
    [
      {
        collector: {
          kind: 'running',
          holder: 'process 812',
          trouble: { code: 'disk-full', sinceMs: NOW_MS - 60_000 },
        },
      },
      'broken collector: The collector (process 812) cannot write what comes since 2026-11-29T11:59:00.000Z (disk-full).',
    ],
    [
      {
        hasPostfix: false,
        collector: { kind: 'running', holder: 'process 1', trouble: { code: 'disk-full', sinceMs: 0 } },
      },
      'broken collector: The collector (process 1) cannot write what comes since 1970-01-01T00:00:00.000Z (disk-full).',
    ],
    [{ collector: { kind: 'none' } }, 'broken collector: No collector runs.'],
    [
      { collector: { kind: 'unknown', why: 'EACCES' } },
      'warning collector: It is not known whether a collector runs: EACCES.',
    ],
    [{ lastDatagramMs: NOW_MS - 90_000_000 }, 'warning last-datagram: Nothing has come for 25 hours.'],
    [{ runs: { ...sound.runs, report: run(30) } }, 'warning last-report: The last report was 30 hours ago.'],
    [
      { runs: { ...sound.runs, send: run(0, 78, ['configuration-error']) } },
      'warning last-send: The last send ended with 78 (configuration-error).',
    ],
  ])('finds what does not go on, case %#', (facts, finding) => {
    expect(wrong(facts)).toEqual([finding]);
  });
});

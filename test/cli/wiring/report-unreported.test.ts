import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { makeNewer } from '#test/support/day-files.ts';
import { BAD, GOOD } from '#test/support/reporting.ts';
import { run } from '#test/support/run-program.ts';
import type { ProgramRun } from '#test/support/run-program.ts';
import { startSmtpSink } from '#test/support/smtp-sink.ts';

const EARLIER = '2026-11-17' as UtcDay;
const TODAY = '2026-11-20' as UtcDay;

async function collected(...on: UtcDay[]): Promise<CollectedDays> {
  const days = await CollectedDays.make();
  for (const day of on) days.collect([GOOD, BAD], { day });
  return days;
}

function report(
  { store }: CollectedDays,
  words: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<ProgramRun> {
  const all = ['report', '--day', 'unreported', '--contact', 'tlsrpt@sender.example', '--mx-hosts=false', ...words];
  return run(all, { stateDir: store.path, environment });
}

function daysBuilt({ stderr }: ProgramRun): string[] {
  return [...stderr.matchAll(/reports-built: .*(\d{4}-\d{2}-\d{2})/g)].map(([, day = '']) => day);
}

describe('tlsrpt report --day unreported', () => {
  it('builds the reports about each day that is over, and nothing the next time', async () => {
    const days = await collected(EARLIER, DAY, TODAY);
    const told = await report(days, ['--log-level', 'info']);
    expect(daysBuilt(told)).toEqual([EARLIER, DAY]);
    expect(days.store.outboxes.days()).toEqual([EARLIER, DAY]);
    expect(await report(days, ['--dry-run'])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('takes up a day again of which more came', async () => {
    const days = await collected(EARLIER, DAY);
    await report(days);
    days.fetch('mx2', [GOOD], { day: EARLIER });
    const told = await report(days, ['--log-level', 'info']);
    expect(daysBuilt(told)).toEqual([EARLIER]);
  });

  it('delivers what is due of all days', async () => {
    const days = await collected(EARLIER, DAY);
    const sink = await startSmtpSink();
    const words = ['--deliver', '--smtp', `smtp://127.0.0.1:${String(sink.port)}`, '--smtp-tls', 'off'];
    await report(days, words);
    await sink.close();
    expect(sink.mails.map(({ to }) => to.join()).sort()).toEqual(
      ['bad', 'bad', 'good', 'good'].map((name) => `tls@${name}.example`),
    );
  });

  it('delivers what is due also when the folder of the days cannot be read, and ends with the code of that', async () => {
    const days = await collected(DAY);
    await report(days);
    const sessions = join(days.store.path, 'sessions');
    rmSync(sessions, { recursive: true });
    writeFileSync(sessions, '');
    const sink = await startSmtpSink();
    const words = ['--deliver', '--smtp', `smtp://127.0.0.1:${String(sink.port)}`, '--smtp-tls', 'off'];
    const { code, stderr } = await report(days, words);
    await sink.close();
    expect([code, stderr.match(/store-not-readable: .*sessions cannot be read/g)?.length]).toEqual([65, 1]);
    expect(sink.mails).toHaveLength(2);
    expect(days.store.runs.read().report).toMatchObject({
      exitCode: 65,
      reasons: expect.arrayContaining(['store-not-readable']) as string[],
    });
  });

  it('goes on with the other days when one cannot be read, and ends with the code of that', async () => {
    const days = await collected(EARLIER, DAY);
    makeNewer(join(days.store.path, `sessions/${EARLIER}.sqlite`));
    const ended = await report(days);
    expect(ended).toMatchObject({ code: 65, stderr: expect.stringContaining(EARLIER) as string });
    expect(days.store.outboxes.days()).toEqual([DAY]);
  });

  it('waits with the day of which a host is missing, and with no other', async () => {
    const days = await collected(EARLIER, DAY);
    const ended = await report(days, ['--wait-for-missing', '12h'], { TLSRPT_FETCH_SOURCES: '/nowhere' });
    expect(ended).toMatchObject({
      code: 75,
      stderr: expect.stringContaining(`hosts-missing: No report about ${DAY}`) as string,
    });
    expect(days.store.outboxes.days()).toEqual([EARLIER]);
  });

  it('says that yesterday was not collected', async () => {
    const days = await collected(EARLIER);
    const ended = await report(days);
    expect(ended).toMatchObject({ code: 75, stderr: expect.stringContaining('day-not-collected') as string });
    expect(days.store.outboxes.days()).toEqual([EARLIER]);
    expect(days.store.runs.read().report?.reasons).toEqual(['day-not-collected']);
  });

  it.each(['--json', '--partial', '--domain=a.example'])('refuses %s, which is about one day', async (flag) => {
    expect(await report(await collected(DAY), [flag])).toMatchObject({
      code: 64,
      stderr: expect.stringContaining('does not go with --day unreported') as string,
    });
  });

  it('finds a day unreported whose note was lost, and builds nothing new', async () => {
    const days = await collected(DAY);
    await report(days);
    writeFileSync(join(days.store.path, 'reported-days.json'), '');
    expect(await report(days, ['--log-level', 'info'])).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});

import { describe, expect, it } from 'vitest';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { reportWithId } from '#test/contracts/report-transport.contract.ts';
import { CollectedDays, DAY, MORNING_MS } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { run } from '#test/support/run-program.ts';
import type { ProgramRun } from '#test/support/run-program.ts';

const EARLIER = '2026-11-18' as UtcDay;
const MAIL = 'mailto:tls@good.example';
const WEB = 'https://good.example/r';
const REPORT_ID = 'id-1@sender.example';

/** Two days of sessions, and one report of which one copy was deferred. */
async function status(words: readonly string[], reply = '450 later'): Promise<ProgramRun> {
  const days = await CollectedDays.make();
  days.collect([makeDatagram({ domain: 'good.example' }), Buffer.from('not JSON')]);
  days.collect([makeDatagram({ domain: 'other.example' })], { day: EARLIER });
  const outbox = days.store.outboxes.open(DAY);
  outbox.save([{ outgoing: reportWithId(REPORT_ID), destinations: [MAIL, WEB], dueMs: MORNING_MS }]);
  outbox.noteResult({
    reportId: REPORT_ID,
    destination: MAIL,
    state: 'deferred',
    attempts: 1,
    firstAttemptMs: MORNING_MS,
    lastResult: reply,
    nextAttemptMs: MORNING_MS + 60_000,
  });
  outbox.noteResult({
    reportId: REPORT_ID,
    destination: WEB,
    state: 'delivered',
    attempts: 1,
    firstAttemptMs: MORNING_MS,
    lastResult: '201 Created',
    nextAttemptMs: undefined,
  });
  outbox.close();
  const earlier = days.store.outboxes.open(EARLIER);
  earlier.replaceReports([
    { kind: 'withhold', withholding: { policyDomain: 'other.example', why: 'only-report-mails' } },
  ]);
  earlier.close();
  return run(['status', ...words], { stateDir: days.store.path });
}

describe('tlsrpt status --json', () => {
  it('prints one object with the days, their reports and their deliveries', async () => {
    const { code, stdout, stderr } = await status(['--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const delivery = { policyDomain: 'good.example', reportId: REPORT_ID };
    expect(JSON.parse(stdout)).toMatchObject({
      days: [
        {
          day: EARLIER,
          collected: { datagrams: 1, tallied: 1, rejected: 0, domains: 1 },
          reports: 0,
          deliveries: [],
          withheld: [{ policyDomain: 'other.example', why: 'only-report-mails' }],
        },
        {
          day: DAY,
          collected: { datagrams: 2, tallied: 1, rejected: 1, rejectedByKind: { 'not-json': 1 }, domains: 1 },
          reports: 1,
          deliveries: [
            {
              ...delivery,
              destination: MAIL,
              state: 'deferred',
              attempts: 1,
              lastResult: '450 later',
              nextAttempt: '2026-11-20T06:01:00.000Z',
            },
            {
              ...delivery,
              destination: WEB,
              state: 'delivered',
              attempts: 1,
              lastResult: '201 Created',
              nextAttempt: null,
            },
          ],
          withheld: [],
        },
      ],
    });
  });

  it('has no days where there is nothing', async () => {
    expect(await run(['status', '--json'])).toEqual({ code: 0, stdout: '{\n  "days": []\n}\n', stderr: '' });
  });

  it('has the day and the domain that are asked for', async () => {
    const { stdout } = await status(['--json', '--day', DAY, '--domain', 'absent.example']);
    expect(JSON.parse(stdout)).toMatchObject({ days: [{ day: DAY, reports: 0, deliveries: [] }] });
  });

  it('prints nothing that moves a cursor, and says the same', async () => {
    const reply = '450 \u001b[2J\u009b2J\u202etxt';
    const { stdout } = await status(['--json'], reply);
    expect(stdout).not.toMatch(/[^\n\P{Cc}]|\p{Bidi_Control}/u);
    expect(JSON.parse(stdout)).toMatchObject({ days: [{}, { deliveries: [{ lastResult: reply }, {}] }] });
  });
});

describe('tlsrpt status', () => {
  it('prints tables for people', async () => {
    const { code, stdout } = await status([]);
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'day         datagrams  rejected  domains  reports  queued  deferred  delivered  refused  expired  suppressed',
      '2026-11-18  1          0         1        0        0       0         0          0        0        0',
      '2026-11-19  2          1         1        1        0       1         1          0        0        0',
      '',
      'policy domain  destination              state      attempts  next attempt              last result',
      'good.example   mailto:tls@good.example  deferred   1         2026-11-20T06:01:00.000Z  450 later',
      'good.example   https://good.example/r   delivered  1         -                         201 Created',
      '',
      'day         no report on   since',
      '2026-11-18  other.example  nothing failed, and nothing was sent there but reports',
      '',
    ]);
  });

  it('leaves a table in one piece, whatever a server answered', async () => {
    const { stdout } = await status([], '450 \u001b[2J one\r\ntwo\u202e');
    expect(stdout).not.toMatch(/[^\n\P{Cc}]|\p{Bidi_Control}/u);
    expect(stdout.split('\n')).toHaveLength(11);
  });

  it('says so when there is nothing', async () => {
    expect(await run(['status'])).toEqual({ code: 0, stdout: 'Nothing has been collected yet.\n', stderr: '' });
  });

  it('refuses what is no day', async () => {
    expect(await run(['status', '--day', '2026-02-30'])).toMatchObject({ code: 64, stdout: '' });
  });
});

import { describe, expect, it } from 'vitest';
import { run } from '#test/support/run-program.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { DEFERRED, DELIVERED, MAIL, Sending, START_MS, WEB } from '#test/support/sending.ts';

const REPORT_ID = 'id-1@sender.example';

async function sent(): Promise<string> {
  const sending = await Sending.with({ destinations: [MAIL, WEB] }, { destinations: [MAIL] });
  await sending.run((_report, to) => (to.scheme === 'https' ? DEFERRED : DELIVERED), { domains: ['good.example'] });
  return sending.store.path;
}

describe('tlsrpt show', () => {
  it('shows a report with its deliveries', async () => {
    const { code, stdout, stderr } = await run(['show', REPORT_ID], { stateDir: await sent() });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^report-id +id-1@sender\.example\npolicy domain +good\.example\nday +2026-11-19\n/);
    expect(stdout).toContain('\n  delivered  mailto:tls@good.example  1 attempt\n    250 Ok\n');
    expect(stdout).toContain(
      '\n  deferred  https://good.example/r  1 attempt, next 2026-11-20T06:01:00.000Z\n    450 later\n',
    );
    expect(stdout).toContain('"report-id": "id-1@sender.example"');
    expect(stdout).not.toContain('id-2@sender.example');
  });

  it('needs no more than 80 columns for an address and what it answered', async () => {
    const destination = `mailto:${'tls-reports'.repeat(4)}@good.example`;
    const sending = await Sending.with({ destinations: [destination] });
    await sending.run(() => ({ ...DEFERRED, reply: `450 ${'try again later '.repeat(20)}` }));
    const { stdout } = await run(['show', REPORT_ID], { stateDir: sending.store.path });
    const [, deliveries = ''] = stdout.split('\n\n');
    expect(deliveries).toContain(
      `  deferred  ${destination}\n    1 attempt, next 2026-11-20T06:01:00.000Z\n    450 try`,
    );
    expect(Math.max(...deliveries.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('prints it as JSON', async () => {
    const { stdout } = await run(['show', REPORT_ID, '--json'], { stateDir: await sent() });
    expect(JSON.parse(stdout)).toMatchObject({
      day: '2026-11-19',
      reportId: REPORT_ID,
      policyDomain: 'good.example',
      handedOver: true,
      deliveries: [
        { destination: MAIL, state: 'delivered', attempts: 1, lastResult: '250 Ok', nextAttempt: null },
        { destination: WEB, state: 'deferred', nextAttempt: new Date(START_MS + 60_000).toISOString() },
      ],
      report: { 'report-id': REPORT_ID, 'organization-name': 'Sender' },
    });
  });

  it('finds a report whose name does not begin with its day', async () => {
    const sending = await Sending.with({ destinations: [MAIL], reportId: '2026-11-18.odd@sender.example' });
    sending.queue({ destinations: [MAIL] });
    const { code } = await run(['show', '2026-11-18.odd@sender.example'], { stateDir: sending.store.path });
    expect(code).toBe(0);
  });

  it.each([
    ['its domain', 'B.Example'],
    ['a beginning that no other has', '2026-11-19.b'],
  ])('finds a report by %s', async (_what, name) => {
    const sending = await Sending.with(
      { destinations: [MAIL], reportId: '2026-11-19.a@sender.example' },
      { destinations: [MAIL], reportId: '2026-11-19.b@sender.example', policyDomain: 'b.example' },
    );
    const { code, stdout } = await run(['show', name, '--json'], { stateDir: sending.store.path });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ reportId: '2026-11-19.b@sender.example' });
  });

  it('finds the report of the newest day by its domain', async () => {
    const sending = await Sending.with(
      { destinations: [MAIL], day: '2026-11-18' as UtcDay, reportId: '2026-11-18.x@sender.example' },
      { destinations: [MAIL], reportId: '2026-11-19.x@sender.example' },
    );
    const { stdout } = await run(['show', 'good.example'], { stateDir: sending.store.path });
    expect(stdout).toMatch(/^report-id +2026-11-19\.x@sender\.example\n/);
  });

  it('says which reports there are when it may be any of several, and ends with 65', async () => {
    const ended = { code: 65, stdout: '', stderr: expect.stringContaining('report-ambiguous') as string };
    const stateDir = await sent();
    for (const name of ['id-', 'good.example']) {
      const { code, stdout, stderr } = await run(['show', name], { stateDir });
      expect({ code, stdout, stderr }).toEqual(ended);
      expect(stderr).toContain(`${name} may be any of id-1@sender.example, id-2@sender.example.`);
    }
  });

  it.each([
    [[], 64, 'show needs a report-id'],
    [['id-1@sender.example', 'id-2@sender.example'], 64, 'show takes no "id-2@sender.example"'],
    [['nobody@sender.example'], 65, 'report-not-found: There is no report nobody@sender.example in the outbox'],
  ])('%j ends with %i', async (words, exitCode, message) => {
    const { code, stdout, stderr } = await run(['show', ...words], { stateDir: await sent() });
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
    expect(stderr).toContain(message);
  });
});

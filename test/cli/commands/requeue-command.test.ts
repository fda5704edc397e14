import { describe, expect, it } from 'vitest';
import { run } from '#test/support/run-program.ts';
import type { ProgramRun } from '#test/support/run-program.ts';
import { DELIVERED, MAIL, REFUSED, Sending, START_MS, WEB } from '#test/support/sending.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const EARLIER = '2026-11-18' as UtcDay;
const OTHER = 'mailto:tls@b.example';
const LATER_MS = START_MS + 48 * 3_600_000;

/** On one day a report refused by a mailbox and taken by an endpoint, and one suppressed; on the day before one refused. */
async function given(): Promise<{ sending: Sending; requeue: (...words: string[]) => Promise<ProgramRun> }> {
  const sending = await Sending.with(
    { destinations: [MAIL, WEB] },
    { destinations: [OTHER], policyDomain: 'b.example' },
    { destinations: [MAIL], day: EARLIER },
  );
  sending.suppress({ address: OTHER, untilMs: undefined });
  await sending.run((_report, to) => (to.scheme === 'https' ? DELIVERED : REFUSED));
  const options = { stateDir: sending.store.path, nowMs: LATER_MS };
  return { sending, requeue: (...words) => run(['requeue', ...words], options) };
}

const FIRST = `id-1@sender.example -> ${MAIL}\n`;
const SECOND = `id-2@sender.example -> ${OTHER}\n`;
const THIRD = `id-3@sender.example -> ${MAIL}\n`;

describe('tlsrpt requeue', () => {
  it.each([
    ['a report-id', ['id-1@sender.example'], FIRST],
    ['several report-ids', ['id-1@sender.example', 'id-3@sender.example'], THIRD + FIRST],
    ['a day', ['--day', EARLIER], THIRD],
    ['a policy domain', ['--domain', 'good.example'], THIRD + FIRST],
    ['an address, however it is written', ['--destination', 'TLS@Good.example'], THIRD + FIRST],
    ['a state', ['--state', 'suppressed'], SECOND],
    ['several states', ['--state', 'suppressed', '--state', 'refused'], THIRD + FIRST + SECOND],
    ['several of these at once', ['--day', EARLIER, '--destination', MAIL], THIRD],
  ])('queues again what %s means', async (_what, words, printed) => {
    const { requeue } = await given();
    expect(await requeue(...words)).toEqual({ code: 0, stdout: printed, stderr: '' });
  });

  it('gives the delivery a new beginning under the same report-id', async () => {
    const { sending, requeue } = await given();
    await requeue('id-1@sender.example');
    const requeued = sending.deliveries().find(({ reportId }) => reportId === 'id-1@sender.example');
    expect(requeued).toMatchObject({
      state: 'queued',
      attempts: 0,
      firstAttemptMs: undefined,
      nextAttemptMs: LATER_MS,
      lastResult: '550 no',
    });
    sending.nowMs = LATER_MS;
    const [transport] = await sending.run(DELIVERED);
    expect(transport.attempts).toEqual([[MAIL, 'id-1@sender.example']]);
  });

  it('only says what it would queue, with --dry-run', async () => {
    const { sending, requeue } = await given();
    const before = sending.deliveries();
    expect(await requeue('--domain', 'good.example', '--dry-run')).toEqual({
      code: 0,
      stdout: THIRD + FIRST,
      stderr: '',
    });
    expect(sending.deliveries()).toEqual(before);
    expect((await requeue('--domain', 'c.example', '--dry-run')).code).toBe(65);
  });

  it('prints JSON when asked for', async () => {
    const { requeue } = await given();
    const { stdout } = await requeue('--day', EARLIER, '--dry-run', '--json');
    expect(JSON.parse(stdout)).toEqual([{ reportId: 'id-3@sender.example', destination: MAIL }]);
  });

  it('leaves alone what is delivered or waits', async () => {
    const { sending, requeue } = await given();
    sending.queue({ destinations: ['mailto:new@good.example'], policyDomain: 'new.example' });
    const { stdout } = await requeue('--day', '2026-11-19');
    expect(stdout).toBe(FIRST);
    expect(sending.states()).toEqual(['suppressed', 'queued', 'delivered', 'queued']);
  });

  it.each([
    [[], 64, 'requeue needs to know what'],
    [['--state', 'delivered'], 64, '--state delivered cannot be queued again'],
    [['--destination', 'nobody'], 64, 'nobody is no reporting address'],
    [['id-9@sender.example'], 65, 'report-not-found: There is no report id-9@sender.example in the outbox'],
    [['id-1@sender.example', 'id-9@sender.example'], 65, 'There is no report id-9@sender.example in the outbox'],
    [
      ['--destination', WEB],
      65,
      'nothing-to-requeue: Nothing was queued: what is meant by this is in another state: 1 delivered',
    ],
    [['--state', 'expired'], 65, 'what is meant by this is in another state: 1 delivered, 2 refused, 1 suppressed'],
    [['--domain', 'c.example'], 65, 'nothing-to-requeue: Nothing was queued: there is no such delivery in the outbox'],
    [['--day', '2026-11-01'], 65, 'there is no such delivery in the outbox'],
  ])('%j ends with %i, and changes nothing', async (words, exitCode, message) => {
    const { sending, requeue } = await given();
    const before = sending.deliveries();
    const { code, stdout, stderr } = await requeue(...words);
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
    expect(stderr).toContain(message);
    expect(sending.deliveries()).toEqual(before);
  });
});

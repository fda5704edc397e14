import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { makeNewer } from '#test/support/day-files.ts';
import { DAY, Sending, START_MS } from '#test/support/sending.ts';
import { run } from '#test/support/run-program.ts';
import type { ProgramRun } from '#test/support/run-program.ts';

const EARLIER = '2026-11-18' as UtcDay;
const NOBODY_THERE = ['--contact', 'tlsrpt@sender.example', '--smtp', 'smtp://127.0.0.1:1', '--timeout', '2s'];

async function queued(): Promise<{ sending: Sending; send: (...words: string[]) => Promise<ProgramRun> }> {
  const sending = await Sending.with(
    { destinations: ['mailto:tls@good.example', 'https://good.example/r'] },
    { destinations: ['mailto:tls@b.example'], policyDomain: 'b.example' },
    { destinations: ['mailto:tls@later.example'], policyDomain: 'later.example', dueMs: START_MS + 1 },
  );
  return { sending, send: (...words) => run(['send', ...words], { stateDir: sending.store.path, nowMs: START_MS }) };
}

describe('tlsrpt send --dry-run', () => {
  it('prints what would be delivered where, and delivers nothing', async () => {
    const { sending, send } = await queued();
    const before = sending.store.outboxes.read(DAY);
    expect(await send('--dry-run')).toEqual({
      code: 0,
      stdout: [
        'b.example -> mailto:tls@b.example (attempt 1)',
        'good.example -> mailto:tls@good.example (attempt 1)',
        'good.example -> https://good.example/r (attempt 1)',
        '',
      ].join('\n'),
      stderr: '',
    });
    expect(sending.store.outboxes.read(DAY)).toEqual(before);
  });

  it('has also what is not due yet with --now', async () => {
    const { send } = await queued();
    expect((await send('--dry-run', '--now', '--domain', 'later.example')).stdout).toBe(
      'later.example -> mailto:tls@later.example (attempt 1)\n',
    );
  });

  it('is JSON when asked for, and no flag of a run that delivers', async () => {
    const { send } = await queued();
    const { stdout } = await send('--dry-run', '--json', '--domain', 'b.example');
    expect(JSON.parse(stdout)).toEqual([
      {
        policyDomain: 'b.example',
        reportId: expect.any(String) as string,
        destination: 'mailto:tls@b.example',
        attempt: 1,
      },
    ]);
    expect(await send('--json')).toMatchObject({ code: 64, stdout: '' });
  });

  it('has nothing of another day', async () => {
    const { send } = await queued();
    expect(await send('--dry-run', '--day', '2026-11-18')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('leaves out what is suppressed', async () => {
    const { sending, send } = await queued();
    await run(['suppress', 'add', 'tls@GOOD.example'], { stateDir: sending.store.path });
    expect((await send('--dry-run', '--domain', 'good.example')).stdout).toBe(
      'good.example -> https://good.example/r (attempt 1)\n',
    );
  });
});

describe('tlsrpt send', () => {
  it.each(['--dry-run=yes', '--now=1'])(
    'refuses %s, which might be taken for the switch or for its absence',
    async (word) => {
      const { sending, send } = await queued();
      const before = sending.store.outboxes.read(DAY);
      const { code, stderr } = await send(word, ...NOBODY_THERE);
      expect(code).toBe(64);
      expect(stderr).toContain(`${word} must be true or false`);
      expect(sending.store.outboxes.read(DAY)).toEqual(before);
    },
  );

  it('ends with 75 while something still waits', async () => {
    const { send } = await queued();
    const { code, stdout, stderr } = await send('--domain', 'b.example', ...NOBODY_THERE);
    expect({ code, stdout }).toEqual({ code: 75, stdout: '' });
    expect(stderr).toContain('mails-waiting');
  });

  it('is silent and ends with 0 when there is nothing to deliver', async () => {
    expect(await run(['send', ...NOBODY_THERE])).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('is silent about an address that is suppressed', async () => {
    const { sending, send } = await queued();
    await run(['suppress', 'add', 'tls@b.example'], { stateDir: sending.store.path });
    expect(await send('--domain', 'b.example', ...NOBODY_THERE)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await send('--domain', 'b.example', ...NOBODY_THERE)).code).toBe(0);
  });
});

describe('a setting of send that cannot be used', () => {
  it.each([
    [['--smtp', 'smtps://localhost', '--smtp-tls', 'off'], 'send.smtp is an smtps:// URL, and send.smtp_tls is off.'],
    [['--smtp-user', 'me'], 'send.smtp_user is set, but not send.smtp_password_file.'],
    [
      ['--smtp-user', 'me', '--smtp-password-file', '/nonexistent'],
      'send.smtp_password_file: /nonexistent cannot be read (ENOENT).',
    ],
    [['--https-ca', '/nonexistent'], 'send.https_ca: /nonexistent cannot be read (ENOENT).'],
  ])('%j ends with 78', async (words, message) => {
    const { code, stderr } = await run(['send', '--contact', 'tlsrpt@sender.example', ...words]);
    expect(code).toBe(78);
    expect(stderr).toContain(message);
  });
});

describe('tlsrpt send beside a day of a newer version', () => {
  it('delivers the reports about the other days, and ends with what is wrong', async () => {
    const { sending, send } = await queued();
    sending.queue({ destinations: ['mailto:tls@c.example'], day: EARLIER, policyDomain: 'c.example' });
    makeNewer(join(sending.store.path, 'outbox', `${EARLIER}.sqlite`));
    const dry = await send('--dry-run');
    expect(dry).toMatchObject({ code: 65, stderr: expect.stringContaining('store-wrong-schema') as string });
    expect(dry.stdout.split('\n')).toHaveLength(4);
    const { code, stderr } = await send(...NOBODY_THERE);
    expect(code).toBe(65);
    expect(stderr).toContain('mails-waiting');
    expect(sending.store.runs.read()).toMatchObject({ send: { exitCode: 65 } });
  });
});

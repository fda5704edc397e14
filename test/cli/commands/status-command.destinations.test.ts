import { describe, expect, it } from 'vitest';
import { run } from '#test/support/run-program.ts';
import { DELIVERED, MAIL, REFUSED, Sending, START_MS, WEB } from '#test/support/sending.ts';

async function sent(): Promise<string> {
  const sending = await Sending.with({ destinations: [MAIL, WEB] });
  await sending.run((_report, to) => (to.scheme === 'https' ? REFUSED : DELIVERED));
  sending.suppress({ address: WEB, untilMs: START_MS + 1 });
  return sending.store.path;
}

describe('tlsrpt status --destinations', () => {
  it('shows what each reporting address answered last', async () => {
    const { code, stdout } = await run(['status', '--destinations'], { stateDir: await sent(), nowMs: START_MS });
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      `  refused  ${WEB}`,
      '    2026-11-20T06:00:00.000Z, suppressed until 2026-11-20T06:00:00.001Z',
      '    550 no',
      `  delivered  ${MAIL}  2026-11-20T06:00:00.000Z`,
      '    250 Ok',
      '',
    ]);
  });

  it('prints it as JSON, without suppressions that are over', async () => {
    const options = { stateDir: await sent(), nowMs: START_MS + 1 };
    const { stdout } = await run(['status', '--destinations', '--json'], options);
    expect(JSON.parse(stdout)).toMatchObject({
      destinations: [
        { destination: WEB, state: 'refused', lastResult: '550 no', suppressedUntil: null },
        { destination: MAIL, state: 'delivered', lastResult: '250 Ok', suppressedUntil: null },
      ],
    });
  });

  it('says that there is nothing', async () => {
    expect((await run(['status', '--destinations'])).stdout).toBe('No report has been sent yet.\n');
  });
});

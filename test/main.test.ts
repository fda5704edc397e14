import { describe, expect, it } from 'vitest';
import { preload } from './support/preload.ts';
import { runTlsrpt } from './support/run-tlsrpt.ts';

/** For a name server that nobody runs. */
const WAITING = ['check', 'a.example', '--dns-server', '127.0.0.1:1'];

describe('What nobody foresaw', () => {
  it('ends the program with 70, and is logged as everything else is', async () => {
    const environment = preload('throwing-at-start.cjs');
    const { exitCode, stderr } = await runTlsrpt(WAITING, { environment });
    expect(exitCode).toBe(70);
    expect(stderr).toMatch(
      /^\S+Z error internal-error: This is a bug in tlsrpt.*\n {2}TypeError: nobody foresaw this\n/,
    );
  });

  it('is logged in JSON where the log is', async () => {
    const environment = { ...preload('throwing-at-start.cjs'), TLSRPT_LOG_FORMAT: 'json' };
    const { exitCode, stderr } = await runTlsrpt(WAITING, { environment });
    expect(exitCode).toBe(70);
    expect(JSON.parse(stderr)).toMatchObject({
      level: 'error',
      event: 'internal-error',
      message: expect.stringContaining('TypeError: nobody foresaw this') as string,
    });
  });
});

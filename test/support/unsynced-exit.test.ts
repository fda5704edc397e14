import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { soundDocument } from './inbound-documents.ts';
import { preload } from './preload.ts';
import { runTlsrpt } from './run-tlsrpt.ts';
import { scratchDirectory } from './scratch.ts';

describe('A process whose standard output or standard error cannot be made safe', () => {
  it.each(['1', '2', '1,2'])('ends all the same, with the exit code of its command: %s', async (CLOSED_AT_EXIT) => {
    const environment = { ...preload('closing-at-exit.cjs'), CLOSED_AT_EXIT };
    const words = ['read', '--store', '--state-dir', join(scratchDirectory(), 'state')];
    const stored = await runTlsrpt(words, { environment, stdin: JSON.stringify(soundDocument()) });
    expect([stored.exitCode, stored.stderr]).toEqual([0, '']);
    const refused = await runTlsrpt(words, { environment, stdin: 'no report' });
    expect(refused.exitCode).toBe(65);
  });
});

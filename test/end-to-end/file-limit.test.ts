/**
 * The collector where it may open too few files: it says so and what to do, whatever it is that it cannot open.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EXECUTABLE } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

/** Resolves with what it said until it ended, or was receiving. */
async function collectWith(mostFiles: number): Promise<string> {
  const place = scratchDirectory();
  const words = ['collect', '--socket', join(place, 'socket'), '--state-dir', join(place, 'state')];
  const limited = ['-c', `ulimit -n ${String(mostFiles)}; exec "$@"`, 'sh', process.execPath, EXECUTABLE, ...words];
  const child = spawn('/bin/sh', limited, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.includes('collector-ready')) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return said;
}

it('A collector that may open too few files says so, and calls nothing a bug', async () => {
  // With fewer it ends sooner, with more it receives: in between are the threads, and what they open.
  for (let files = 30; ; files += 1) {
    const said = await collectWith(files);
    if (said.includes('collector-ready')) break;
    expect([files, said]).toEqual([files, expect.stringMatching(/ulimit -n/)]);
    expect(said).not.toContain('internal-error');
  }
});

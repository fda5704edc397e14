/**
 * Two collectors on one path of a socket, started at the same moment.
 */
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeDatagram } from '#test/support/datagrams.ts';
import { startTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { StartedRun } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';

const TIMES = 20;

function start(directory: string, state: string): StartedRun {
  const run = startTlsrpt(['collect', '--socket', join(directory, 'socket'), '--state-dir', join(directory, state)]);
  onTestFinished(() => {
    run.kill('SIGKILL');
  });
  return run;
}

describe('Of two collectors that are started at once on one socket, with a state directory each', () => {
  it('one is ready and receives, and the other ends and names it', { timeout: 120_000 }, async () => {
    for (let time = 0; time < TIMES; time += 1) {
      const directory = scratchDirectory();
      const runs = [start(directory, 'first'), start(directory, 'second')] as const;
      const isReady = (run: StartedRun): Promise<boolean> =>
        run.said('collector-ready').then(
          () => true,
          () => false,
        );
      const [first, second] = await Promise.all(runs.map(isReady));
      expect([first, second].filter(Boolean)).toHaveLength(1);
      const [winner, loser] = first === true ? runs : [runs[1], runs[0]];
      const refused = await loser.ended;
      expect([refused.exitCode, refused.stderr]).toEqual([73, expect.stringContaining('socket-in-use')]);
      expect(refused.stderr).toContain(`Process ${String(winner.pid)} receives on`);
      sendDatagrams(join(directory, 'socket'), [makeDatagram({ domain: 'one.example' })]);
      winner.kill('SIGTERM');
      const ended = await winner.ended;
      expect([ended.exitCode, ended.stderr]).toEqual([0, expect.stringContaining('all of 1 datagrams')]);
    }
  });
});

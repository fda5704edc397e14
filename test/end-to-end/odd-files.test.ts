/**
 * What is no file lies where one of a day should be: nobody waits for it, and it is that day's trouble alone.
 */
import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { linesOf, makeDatagram } from '#test/support/datagrams.ts';
import { runTlsrpt, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const [DAY, OTHER_DAY] = ['2026-11-19', '2026-11-20'];

/** One datagram of the other day. */
async function stateDirectory(): Promise<string> {
  const state = join(scratchDirectory(), 'state');
  const stdin = linesOf([makeDatagram({ domain: 'a.example' })]);
  await runTlsrpt(['collect', '--stdin', '--day', OTHER_DAY, '--state-dir', state], { stdin });
  return state;
}

const makePipe = (path: string): unknown => execFileSync('mkfifo', [path]);

describe('In the place of a file of a day', () => {
  it.each([
    ['a pipe', '1.journal', makePipe],
    ['a pipe', 'sqlite', makePipe],
    [
      'a link to itself',
      '1.journal',
      (path: string) => {
        symlinkSync(path, path);
      },
    ],
  ])('%s (%s) is named by status, which shows the other days', async (_what, ending, make) => {
    const state = await stateDirectory();
    make(join(state, 'sessions', `${DAY}.${ending}`));
    const { exitCode, stdout, stderr } = await runTlsrpt(['status', '--state-dir', state]);
    expect([exitCode, stderr]).toEqual([65, expect.stringContaining('store-not-readable')]);
    expect(stderr).toContain(DAY);
    expect(stdout).toMatch(new RegExp(`${OTHER_DAY} +1 `));
  });

  it('a pipe keeps the collector neither from receiving nor from ending', async () => {
    const state = await stateDirectory();
    makePipe(join(state, 'sessions', `${DAY}.1.journal`));
    const socket = join(state, 'socket');
    const collector = startTlsrpt(['collect', '--socket', socket, '--state-dir', state]);
    onTestFinished(() => {
      collector.kill('SIGKILL');
    });
    await collector.said('checkpoint-failed');
    collector.kill('SIGTERM');
    expect((await collector.ended).exitCode).toBe(0);
  });
});

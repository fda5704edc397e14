/**
 * The executable on a disk that refuses what a collector needs first: the state directory when it starts, or the file of a day.
 */
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { StateDirectory } from '#store/state-directory.ts';
import { collectedIn } from '#test/support/collected-in.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { bindAsSystemd } from '#test/support/inherited-socket.ts';
import { preloadAll } from '#test/support/preload.ts';
import { refusals, RefusingDisk } from '#test/support/refusing-disk.ts';
import { runTlsrpt, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { RunOptions, StartedRun } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';
import { ShiftedClock } from '#test/support/shifted-clock.ts';
import { until } from '#test/support/until.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const LONG_MS = 120_000;
const [DAY, NEXT_DAY] = ['2026-11-19', '2026-11-20'] as [UtcDay, UtcDay];
const MIDNIGHT_MS = Date.parse(`${NEXT_DAY}T00:00:00Z`);

function datagrams(count: number): Buffer[] {
  return Array.from({ length: count }, (_, index) => makeDatagram({ domain: `${String(index)}.example` }));
}

function timesSaid(run: StartedRun, what: string): number {
  return run.stderr().split(what).length - 1;
}

describe.each(refusals)('A collector whose disk refuses with %s', (errno) => {
  it(
    'the file of the day, when it starts and at midnight, has everything once that is over',
    async () => {
      const directory = scratchDirectory();
      const state = new StateDirectory(join(directory, 'state'));
      const socket = join(directory, 'socket');
      const disk = new RefusingDisk(directory, errno);
      disk.refuse(state.sessionStem(DAY));
      const clock = new ShiftedClock(directory, `${DAY}T23:59:45Z`);
      const collector = startTlsrpt(['collect', '--socket', socket, '--state-dir', state.path], {
        environment: preloadAll(disk.environment, clock.environment),
      });
      onTestFinished(() => {
        collector.kill('SIGKILL');
      });
      await collector.said('collector-ready');
      sendDatagrams(socket, datagrams(30));
      await collector.said('store-not-written');
      disk.heal();
      await collector.said('store-written-again');

      disk.refuse(state.sessionStem(NEXT_DAY));
      await until(() => clock.nowMs() > MIDNIGHT_MS + 1_000);
      sendDatagrams(socket, datagrams(20));
      await until(() => timesSaid(collector, 'store-not-written') === 2);
      disk.heal();
      await until(() => timesSaid(collector, 'store-written-again') === 2);
      collector.kill('SIGTERM');
      expect(await collector.ended).toMatchObject({ exitCode: 0 });
      expect(await collectedIn(state.path)).toEqual({ [DAY]: 30, [NEXT_DAY]: 20 });
    },
    LONG_MS,
  );

  it('its state directory when it starts, ends, says what to do, and has what is queued when it is started again', async () => {
    const directory = scratchDirectory();
    const state = join(directory, 'state');
    await runTlsrpt(['collect', '--stdin', '--state-dir', state], { stdin: '' });
    const disk = new RefusingDisk(directory, errno);
    const held = bindAsSystemd(join(directory, 'held.sock'));
    const start = (options: RunOptions = {}): StartedRun => {
      const run = startTlsrpt(['collect', '--state-dir', state], { inherited: [held.fd], ...options });
      onTestFinished(() => {
        run.kill('SIGKILL');
      });
      return run;
    };
    sendDatagrams(held.path, datagrams(8));
    disk.refuse(state);
    const { exitCode, stderr } = await start({ environment: disk.environment }).ended;
    expect([exitCode, stderr]).toEqual([73, expect.stringMatching(REMEDIES[errno])]);

    const again = start();
    await again.said('collector-ready');
    again.kill('SIGTERM');
    expect(await again.ended).toMatchObject({ exitCode: 0 });
    expect(Object.values(await collectedIn(state))).toEqual([8]);
  });
});

const REMEDIES = {
  EIO: /Look at the disk/,
  ENOSPC: /Free some/,
  EMFILE: /LimitNOFILE/,
  EACCES: /Let the user that runs this write/,
} as const;

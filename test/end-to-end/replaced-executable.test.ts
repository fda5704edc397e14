/**
 * The file of the executable replaced, and then removed, while it collects: as a package manager does.
 */
import { copyFileSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { StateDirectory } from '#store/state-directory.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { EXECUTABLE, runTlsrpt, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';
import { ShiftedClock } from '#test/support/shifted-clock.ts';
import { until } from '#test/support/until.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const LONG_MS = 120_000;
const [DAY, NEXT_DAY] = ['2026-11-19', '2026-11-20'] as UtcDay[] as [UtcDay, UtcDay];

const datagrams = (count: number): Buffer[] =>
  Array.from({ length: count }, () => makeDatagram({ domain: 'one.example' }));

/** Together more than what makes the collector write a checkpoint before it ends; each is other bytes. */
const largeDatagrams = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, index) =>
    Buffer.concat([makeDatagram({ domain: 'large.example' }), Buffer.alloc(180_000 + index, ' ')]),
  );
const LARGE = 200;

describe('A collector whose executable is replaced and removed', () => {
  it(
    'goes on receiving, closes the day at midnight, makes checkpoints, and ends in order',
    async () => {
      const directory = scratchDirectory();
      const clock = new ShiftedClock(directory, `${DAY}T23:59:50Z`);
      const [executable, socket, path] = ['tlsrpt', 'socket', 'state'].map((name) => join(directory, name)) as [
        string,
        string,
        string,
      ];
      const state = new StateDirectory(path);
      copyFileSync(EXECUTABLE, executable);
      const words = ['collect', '--socket', socket, '--state-dir', path];
      const collector = startTlsrpt(words, { executable, environment: clock.environment });
      onTestFinished(() => {
        collector.kill('SIGKILL');
      });
      await collector.said('collector-ready');
      sendDatagrams(socket, datagrams(10));
      writeFileSync(executable, 'not a program any more');
      sendDatagrams(socket, datagrams(10));
      writeFileSync(join(directory, 'new'), 'throw new Error("another program");');
      renameSync(join(directory, 'new'), executable);
      sendDatagrams(socket, datagrams(10));
      rmSync(executable);
      sendDatagrams(socket, datagrams(10));
      while ((await datagramsIn(path)) < 40);
      await until(() => clock.nowMs() > Date.parse(`${NEXT_DAY}T00:00:00Z`));
      sendDatagrams(socket, datagrams(10));
      await collector.said(`The sessions of ${DAY} are complete`);
      sendDatagrams(socket, largeDatagrams(LARGE));
      await until(() => existsSync(`${state.sessionStem(NEXT_DAY)}.sqlite`));
      sendDatagrams(socket, datagrams(10));
      collector.kill('SIGTERM');
      const { exitCode, stderr } = await collector.ended;
      expect([exitCode, await datagramsIn(path)]).toEqual([0, 60 + LARGE]);
      expect(stderr).toContain(`Stored all of ${String(60 + LARGE)} datagrams; 0 could not be read`);
      expect(state.unfinishedSessionDays()).toEqual([NEXT_DAY]);
      const names = [...stderr.matchAll(/^\S+ \w+ ([a-z-]+): /gm)].map(([, name]) => name);
      expect(names.filter((name) => name !== 'receive-queue-short')).toEqual([
        'collector-ready',
        'day-closed',
        'collector-stopped',
      ]);
    },
    LONG_MS,
  );
});

async function datagramsIn(state: string): Promise<number> {
  const { stdout } = await runTlsrpt(['status', '--json', '--state-dir', state]);
  const { days } = JSON.parse(stdout) as { days: { collected: { datagrams: number } }[] };
  return days.reduce((total, { collected }) => total + collected.datagrams, 0);
}

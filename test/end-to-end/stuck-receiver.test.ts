/**
 * A collector whose receiver thread is held up in the kernel, for whatever reason.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Store } from '#store/store.ts';
import { openInbox } from '#test/support/datagram-inbox.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { preload } from '#test/support/preload.ts';
import { startTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { StartedRun } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';
import { storedSessions } from '#test/support/stored-sessions.ts';
import { until } from '#test/support/until.ts';

interface Stuck {
  readonly collector: StartedRun;
  readonly socket: string;
  readonly state: string;
  /** What the service manager was told since the thread stands still. */
  readonly told: () => readonly string[];
}

/** It has received ten datagrams before. */
async function startStuck(): Promise<Stuck> {
  const directory = scratchDirectory();
  const [socket, state, pipe, notify] = ['socket', 'state', 'pipe', 'notify'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
    string,
  ];
  const told = openInbox(notify);
  const environment = { ...preload('stuck-receiver.cjs'), STUCK_RECEIVER: pipe, NOTIFY_SOCKET: notify };
  const words = ['collect', '--socket', socket, '--state-dir', state];
  const collector = startTlsrpt(words, { environment: { ...environment, WATCHDOG_USEC: '200000' } });
  onTestFinished(() => {
    collector.kill('SIGKILL');
  });
  await collector.said('collector-ready');
  sendDatagrams(
    socket,
    Array.from({ length: 10 }, () => makeDatagram({ domain: 'a.example' })),
  );
  await until(() => told().some((text) => text.includes('Received 10 ')));
  execFileSync('mkfifo', [pipe]);
  return { collector, socket, state, told };
}

async function expectEnd({ collector, socket, state }: Stuck): Promise<void> {
  const { exitCode, signal, stderr } = await collector.ended;
  expect([exitCode, signal, existsSync(socket)]).toEqual([69, null, false]);
  expect(stderr).toContain('receiver-stuck');
  expect(stderr).not.toContain('collector-stopped');
  expect(storedSessions(await Store.open(state)).counters.get('datagrams')).toBe(10);
}

describe('A collector whose receiver thread is held up', () => {
  it('ends when it is told to, says why, and has stored what came before', async () => {
    const stuck = await startStuck();
    stuck.collector.kill('SIGTERM');
    await expectEnd(stuck);
  });

  it('is not said to live, and ends by itself', async () => {
    const stuck = await startStuck();
    await expectEnd(stuck);
    const watchdog = stuck.told().filter((text) => text.startsWith('WATCHDOG=1'));
    expect(watchdog.length).toBeLessThan(20); // five seconds have fifty
  });
});

/**
 * The collector on a socket that it is started with, as by systemd, with the native library and where that does not load.
 */
import { existsSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeDatagram } from '#test/support/datagrams.ts';
import { bindAsSystemd } from '#test/support/inherited-socket.ts';
import type { HeldSocket } from '#test/support/inherited-socket.ts';
import { runTlsrpt, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { RunOptions, StartedRun } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';
import { until } from '#test/support/until.ts';
import { withoutKoffi } from '#test/support/without-koffi.ts';

const SOCK_STREAM = 1;

interface Place {
  readonly directory: string;
  readonly state: string;
  readonly held: HeldSocket;
}

function newPlace(isNonBlocking = false): Place {
  const directory = scratchDirectory();
  const held = bindAsSystemd(join(directory, 'held.sock'), { isNonBlocking });
  return { directory, state: join(directory, 'state'), held };
}

function start({ state, held, directory }: Place, options: RunOptions = {}): StartedRun {
  const words = ['collect', '--state-dir', state, '--socket', join(directory, 'unused.sock')];
  const run = startTlsrpt(words, { inherited: [held.fd], ...options });
  onTestFinished(() => {
    run.kill('SIGKILL');
  });
  return run;
}

async function startReady(...wish: Parameters<typeof start>): Promise<StartedRun> {
  const run = start(...wish);
  await run.said('collector-ready');
  return run;
}

async function stop(run: StartedRun): Promise<string> {
  run.kill('SIGTERM');
  const { exitCode, stderr } = await run.ended;
  expect(exitCode).toBe(0);
  return stderr;
}

async function datagramsIn({ state }: Place): Promise<number> {
  const { stdout } = await runTlsrpt(['status', '--json', '--state-dir', state]);
  const { days } = JSON.parse(stdout) as { days: { collected: { datagrams: number } }[] };
  return days.reduce((total, { collected }) => total + collected.datagrams, 0);
}

function datagrams(count: number): Buffer[] {
  return Array.from({ length: count }, (_, index) => makeDatagram({ domain: `${String(index)}.example` }));
}

const withAndWithout = [
  ['with the native library', {}],
  ['without the native library', withoutKoffi],
] as const;

describe.each(withAndWithout)('A collector on an inherited socket, %s', (_with, environment) => {
  it.each([false, true])('counts what comes, and what came while it was away (non-blocking: %s)', async (flag) => {
    const place = newPlace(flag);
    const first = await startReady(place, { environment });
    sendDatagrams(place.held.path, datagrams(5_000));
    await stop(first);
    expect(await datagramsIn(place)).toBe(5_000);
    sendDatagrams(place.held.path, datagrams(8));
    await stop(await startReady(place, { environment }));
    expect(await datagramsIn(place)).toBe(5_008);
  });

  it('leaves its file alone, and says that the one of the settings is not made', async () => {
    const place = newPlace();
    const { ino, mode } = statSync(place.held.path);
    const stderr = await stop(await startReady(place, { environment }));
    expect(statSync(place.held.path)).toMatchObject({ ino, mode });
    expect(existsSync(join(place.directory, 'unused.sock'))).toBe(false);
    expect(stderr.match(/socket-inherited/g)).toHaveLength(1);
    expect(stderr).toMatch(/collector-ready: Receiving on \S+held\.sock/);
  });

  it.each([
    ['two sockets', (place: Place) => [place.held.fd, bindAsSystemd(join(place.directory, 'second.sock')).fd]],
    [
      'a stream socket',
      (place: Place) => [bindAsSystemd(join(place.directory, 'stream.sock'), { type: SOCK_STREAM }).fd],
    ],
    ['no socket', () => [openSync('/dev/null', 'r')]],
  ])('refuses %s with 78', async (_what, inherited) => {
    const place = newPlace();
    const { exitCode, stderr } = await start(place, { environment, inherited: inherited(place) }).ended;
    expect([exitCode, stderr]).toEqual([78, expect.stringContaining('inherited-socket-unusable')]);
  });

  it('shares its state directory with no other, whether that has the native library or not', async () => {
    const place = newPlace();
    const first = await startReady(place, { environment });
    for (const [, other] of withAndWithout) {
      const { exitCode, stderr } = await start(place, { environment: other }).ended;
      expect([exitCode, stderr]).toEqual([75, expect.stringContaining(`process ${String(first.pid)}`)]);
    }
    first.kill('SIGKILL');
    await first.ended;
    await stop(await startReady(place, { environment }));
  });
});

describe('A collector without the native library', () => {
  it('says so when it has a socket', async () => {
    const stderr = await stop(await startReady(newPlace(), { environment: withoutKoffi }));
    expect(stderr.match(/native-library-missing/g)).toHaveLength(1);
  });

  it('ends with 69 and says how it could have one when it has none', async () => {
    const place = newPlace();
    const words = ['collect', '--state-dir', place.state, '--socket', join(place.directory, 'own.sock')];
    const run = await runTlsrpt(words, { environment: withoutKoffi });
    expect(run.exitCode).toBe(69);
    for (const remedy of ['native-library-unavailable', 'TMPDIR', 'systemd']) expect(run.stderr).toContain(remedy);
  });

  it('lets the command systemd-notify tell the service manager', async () => {
    const place = newPlace();
    const told = join(place.directory, 'told');
    const command = join(place.directory, 'systemd-notify');
    writeFileSync(command, `#!/bin/sh\nprintf '%s|' "$NOTIFY_SOCKET" "$@" >> ${told}\n`, { mode: 0o700 });
    const environment = {
      ...withoutKoffi,
      PATH: `${place.directory}:${process.env['PATH'] ?? ''}`,
      NOTIFY_SOCKET: '/run/systemd/notify',
      WATCHDOG_USEC: '60000000',
    };
    await stop(await startReady(place, { environment }));
    const isTold = (text: string): boolean => existsSync(told) && readFileSync(told, 'utf8').includes(text);
    for (const text of ['READY=1|STATUS=Receiving on ', 'WATCHDOG=1|STATUS=Received ', 'STOPPING=1|'])
      await until(() => isTold(`/run/systemd/notify|${text}`));
  });
});

/**
 * The collector on a socket that it is started with, as by systemd.
 */
import { existsSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeDatagram } from '#test/support/datagrams.ts';
import { bindAsSystemd } from '#test/support/inherited-socket.ts';
import type { HeldSocket } from '#test/support/inherited-socket.ts';
import { runTlsrpt, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { RunOptions, StartedRun } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';
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

describe('A collector on an inherited socket', () => {
  it.each([false, true])('counts what comes, and what came while it was away (non-blocking: %s)', async (flag) => {
    const place = newPlace(flag);
    const first = await startReady(place);
    sendDatagrams(place.held.path, datagrams(5_000));
    await stop(first);
    expect(await datagramsIn(place)).toBe(5_000);
    sendDatagrams(place.held.path, datagrams(8));
    await stop(await startReady(place));
    expect(await datagramsIn(place)).toBe(5_008);
  });

  it('leaves its file alone, and says that the one of the settings is not made', async () => {
    const place = newPlace();
    const { ino, mode } = statSync(place.held.path);
    const stderr = await stop(await startReady(place));
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
    const { exitCode, stderr } = await start(place, { inherited: inherited(place) }).ended;
    expect([exitCode, stderr]).toEqual([78, expect.stringContaining('inherited-socket-unusable')]);
  });

  it('shares its state directory with no other', async () => {
    const place = newPlace();
    const first = await startReady(place);
    const { exitCode, stderr } = await start(place).ended;
    expect([exitCode, stderr]).toEqual([75, expect.stringContaining(`process ${String(first.pid)}`)]);
    first.kill('SIGKILL');
    await first.ended;
    await stop(await startReady(place));
  });

  it('ends with 69 where there is no native library, and names the other ways in', async () => {
    const { exitCode, stderr } = await start(newPlace(), { environment: withoutKoffi }).ended;
    expect(exitCode).toBe(69);
    for (const remedy of ['native-library-unavailable', 'TMPDIR', '--stdin']) expect(stderr).toContain(remedy);
  });
});

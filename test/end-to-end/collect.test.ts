/**
 * The collector as Postfix meets it: the executable, a unix socket, real datagrams, signals.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readQueueLength } from '#adapters/datagram/queue-length.ts';
import { Store } from '#store/store.ts';
import { groupIdOf, userIdOf } from '#support/account.ts';
import { openInbox } from '#test/support/datagram-inbox.ts';
import { makeDatagram, recordedDatagrams } from '#test/support/datagrams.ts';
import { bindAsSystemd } from '#test/support/inherited-socket.ts';
import { runTlsrpt, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { RunOptions, StartedRun } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';

interface Place {
  readonly directory: string;
  readonly socket: string;
  readonly state: string;
}

function newPlace(): Place {
  const directory = scratchDirectory();
  return { directory, socket: join(directory, 'tlsrpt.sock'), state: join(directory, 'state') };
}

function start({ socket, state }: Place, flags: readonly string[] = [], options: RunOptions = {}): StartedRun {
  const run = startTlsrpt(['collect', '--socket', socket, '--state-dir', state, ...flags], options);
  onTestFinished(() => {
    run.kill('SIGKILL');
  });
  return run;
}

function replace(socket: string): void {
  rmSync(socket);
  bindAsSystemd(socket);
}

async function startReady(...wish: Parameters<typeof start>): Promise<StartedRun> {
  const run = start(...wish);
  await run.said('collector-ready');
  return run;
}

interface Collected {
  readonly datagrams: number;
  readonly rejected: number;
}

/** On all days together, in case midnight passed meanwhile. */
async function collectedIn({ state }: Place): Promise<Collected> {
  const { stdout } = await runTlsrpt(['status', '--json', '--state-dir', state]);
  const { days } = JSON.parse(stdout) as { days: { collected: Collected }[] };
  const sum = (of: keyof Collected): number => days.reduce((total, { collected }) => total + collected[of], 0);
  return { datagrams: sum('datagrams'), rejected: sum('rejected') };
}

/** Successful and failed sessions, on all days together. */
async function summariesIn({ state }: Place): Promise<[successful: number, failed: number]> {
  const total: [number, number] = [0, 0];
  for (const day of (await Store.open(state)).sessions.days()) {
    const words = ['report', '--json', '--partial', '--day', day, '--contact', 'a@mx.example', '--state-dir', state];
    const reports = JSON.parse((await runTlsrpt(words)).stdout) as { report: { policies: { summary: Summary }[] } }[];
    for (const { summary } of reports.flatMap(({ report }) => report.policies)) {
      total[0] += summary['total-successful-session-count'];
      total[1] += summary['total-failure-session-count'];
    }
  }
  return total;
}

type Summary = Record<'total-successful-session-count' | 'total-failure-session-count', number>;

describe('A collector', () => {
  it('tells the service manager that it is ready, that it lives, and that it ends', async () => {
    const place = newPlace();
    const path = join(place.directory, 'notify.sock');
    const inbox = openInbox(path);
    const environment = { NOTIFY_SOCKET: path, WATCHDOG_USEC: '60000000' };
    const collector = await startReady(place, [], { environment });
    collector.kill('SIGTERM');
    await collector.ended;
    const told = inbox();
    expect(told[0]).toMatch(/^READY=1\nSTATUS=Receiving on /);
    expect(told.some((text) => text.startsWith('WATCHDOG=1\nSTATUS=Received '))).toBe(true);
    expect(told.at(-1)).toBe('STOPPING=1');
  });

  it('counts every datagram that was recorded from Postfix and libtlsrpt', async () => {
    const place = newPlace();
    const collector = await startReady(place);
    const datagrams = recordedDatagrams();
    sendDatagrams(place.socket, datagrams);
    collector.kill('SIGTERM');
    const { exitCode, stderr } = await collector.ended;
    expect(exitCode).toBe(0);
    const byLines = { ...newPlace(), directory: place.directory };
    const lines = datagrams.map((bytes) => bytes.toString('latin1')).join('\n');
    await runTlsrpt(['collect', '--stdin', '--day', 'today', '--state-dir', byLines.state], {
      stdin: Buffer.from(lines, 'latin1'),
    });
    const collected = await collectedIn(place);
    expect(collected.datagrams).toBe(datagrams.length);
    expect(collected).toEqual(await collectedIn(byLines));
    expect(stderr).toContain(`Stored all of ${String(datagrams.length)} datagrams`);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'ends with 0 at %s and has lost nothing of a burst just before it',
    async (signal) => {
      const place = newPlace();
      const collector = await startReady(place);
      const burst = Array.from({ length: 5_000 }, (_, index) => makeDatagram({ domain: `${String(index)}.example` }));
      sendDatagrams(place.socket, burst);
      collector.kill(signal);
      expect(await collector.ended).toMatchObject({ exitCode: 0, signal: null, stdout: '' });
      expect(await collectedIn(place)).toEqual({ datagrams: burst.length, rejected: 0 });
    },
  );

  it('goes on with the counts of the day when it is started again', async () => {
    const place = newPlace();
    for (let run = 0; run < 3; run += 1) {
      const collector = await startReady(place);
      sendDatagrams(place.socket, [
        makeDatagram({ domain: 'a.example' }),
        makeDatagram({ domain: 'a.example', failures: [{ code: 201 }] }),
      ]);
      collector.kill('SIGTERM');
      await collector.ended;
    }
    expect(await collectedIn(place)).toEqual({ datagrams: 6, rejected: 0 });
    expect(await summariesIn(place)).toEqual([3, 3]);
  });

  it('keeps what it cannot read, and goes on', async () => {
    const place = newPlace();
    const collector = await startReady(place);
    const unreadable = [
      Buffer.from('{"d": "a.example"'),
      Buffer.from([0xff, 0x00]),
      Buffer.alloc(0),
      Buffer.from('"text"'),
    ];
    sendDatagrams(place.socket, [...unreadable, makeDatagram({ domain: 'a.example' })]);
    collector.kill('SIGTERM');
    const { stderr, exitCode } = await collector.ended;
    expect(exitCode).toBe(0);
    expect(await collectedIn(place)).toEqual({ datagrams: 5, rejected: 4 });
    expect(stderr.match(/datagram-unreadable/g)).toHaveLength(2);
    const quarantine = join(place.state, 'quarantine');
    const kept = readdirSync(quarantine).map((name) => readFileSync(join(quarantine, name)).toString('latin1'));
    expect(kept.sort()).toEqual(unreadable.map((bytes) => bytes.toString('latin1')).sort());
  });
});

describe('The socket of a collector', () => {
  it('has the mode, owner and group that were asked for, and goes with it', async () => {
    const place = newPlace();
    const isRoot = process.getuid?.() === 0;
    const [user, group] = isRoot ? ['daemon', 'daemon'] : [String(process.getuid?.()), String(process.getgid?.())];
    const collector = await startReady(place, [
      '--socket-mode',
      '0620',
      '--socket-user',
      user,
      '--socket-group',
      group,
    ]);
    const { mode, uid, gid } = statSync(place.socket);
    expect([mode & 0o7777, uid, gid]).toEqual([0o620, userIdOf(user), groupIdOf(group)]);
    collector.kill('SIGTERM');
    await collector.ended;
    expect(readdirSync(place.directory)).toEqual(['state']);
  });

  it('is nothing for others unless that was asked for', async () => {
    const place = newPlace();
    await startReady(place);
    expect(statSync(place.socket).mode & 0o7777).toBe(0o660);
  });

  it('comes with a warning where the kernel queues too little for it', async () => {
    const collector = await startReady(newPlace());
    expect(collector.stderr().includes('receive-queue-short')).toBe((readQueueLength() ?? Infinity) < 512);
  });

  it('takes the place of one that a killed collector left', async () => {
    const place = newPlace();
    const killed = await startReady(place);
    killed.kill('SIGKILL');
    await killed.ended;
    expect(existsSync(place.socket)).toBe(true);
    await startReady(place);
    sendDatagrams(place.socket, [makeDatagram({ domain: 'a.example' })]);
  });

  it.each([
    ['removed', rmSync],
    ['replaced', replace],
  ])('ends the collector when it is %s, after all that came is stored', async (_what, take) => {
    const place = newPlace();
    const collector = await startReady(place);
    sendDatagrams(place.socket, [makeDatagram({ domain: 'a.example' })]);
    take(place.socket);
    const { exitCode, stderr } = await collector.ended;
    expect([exitCode, stderr]).toEqual([69, expect.stringContaining(`socket-removed: The socket ${place.socket}`)]);
    expect(await collectedIn(place)).toEqual({ datagrams: 1, rejected: 0 });
    await startReady({ ...place, socket: `${place.socket}.next` });
  });

  it('is refused with 73 while another collector receives on it', async () => {
    const place = newPlace();
    const first = await startReady(place);
    const second = await start({ ...newPlace(), socket: place.socket }).ended;
    expect([second.exitCode, second.stderr]).toEqual([
      73,
      expect.stringContaining(`socket-in-use: Process ${String(first.pid)} `) as string,
    ]);
    sendDatagrams(place.socket, [makeDatagram({ domain: 'a.example' })]);
    first.kill('SIGTERM');
    await first.ended;
    expect(await collectedIn(place)).toEqual({ datagrams: 1, rejected: 0 });
  });

  it('is refused with 73 where something else is, which stays as it is', async () => {
    const place = newPlace();
    writeFileSync(place.socket, 'precious');
    expect(await start(place).ended).toMatchObject({
      exitCode: 73,
      stderr: expect.stringContaining('socket-path-invalid') as string,
    });
    expect(readFileSync(place.socket, 'utf8')).toBe('precious');
  });

  it('is refused with 73 in a directory that is missing', async () => {
    const place = newPlace();
    const run = await start({ ...place, socket: join(place.directory, 'missing', 'socket') }).ended;
    expect(run).toMatchObject({ exitCode: 73, stderr: expect.stringContaining('socket-not-created') as string });
  });

  it('is refused with 73 when its path is too long', async () => {
    const place = newPlace();
    const run = await start({ ...place, socket: join(place.directory, 'x'.repeat(100)) }).ended;
    expect(run).toMatchObject({ exitCode: 73, stderr: expect.stringContaining('107 bytes') as string });
  });

  it.each(['user', 'group'])(
    'is refused with 78 for a %s that does not exist, before anything is made',
    async (kind) => {
      const place = newPlace();
      const run = await start(place, [`--socket-${kind}`, 'no-such-name']).ended;
      expect(run).toMatchObject({ exitCode: 78, stderr: expect.stringContaining('no-such-name') as string });
      expect(readdirSync(place.directory)).toEqual([]);
    },
  );
});

describe('The state directory of a collector', () => {
  it('is refused with 75 while another one writes to it, and the other is named', async () => {
    const place = newPlace();
    const first = await startReady(place);
    const run = await start({ ...place, socket: join(place.directory, 'other.sock') }).ended;
    expect(run).toMatchObject({
      exitCode: 75,
      stderr: expect.stringContaining(`process ${String(first.pid)}`) as string,
    });
    expect(run.stderr).toContain('store-locked');
  });

  it('is free again when its collector was killed', async () => {
    const place = newPlace();
    const killed = await startReady(place);
    sendDatagrams(place.socket, [makeDatagram({ domain: 'a.example' })]);
    killed.kill('SIGKILL');
    await killed.ended;
    const next = await startReady(place);
    next.kill('SIGTERM');
    expect(await next.ended).toMatchObject({ exitCode: 0 });
  });
});

describe('The native part of a collector', () => {
  it('is unpacked for a moment, and nothing is left of it', async () => {
    const place = newPlace();
    const temporary = join(place.directory, 'tmp');
    mkdirSync(temporary);
    const collector = await startReady(place, [], { environment: { TMPDIR: temporary } });
    expect(readdirSync(temporary)).toEqual([]);
    sendDatagrams(place.socket, [makeDatagram({ domain: 'a.example' })]);
    collector.kill('SIGTERM');
    expect(await collector.ended).toMatchObject({ exitCode: 0 });
  });

  it('is unpacked elsewhere when TMPDIR cannot be used', async () => {
    const place = newPlace();
    const runtime = join(place.directory, 'runtime');
    mkdirSync(runtime);
    for (const TMPDIR of ['/no/such/directory', '/dev/null']) {
      const environment = { TMPDIR, RUNTIME_DIRECTORY: `/no/such/runtime:${runtime}` };
      const collector = await startReady(place, [], { environment });
      collector.kill('SIGTERM');
      expect(await collector.ended).toMatchObject({ exitCode: 0 });
    }
    expect(readdirSync(runtime)).toEqual([]);
  });
});

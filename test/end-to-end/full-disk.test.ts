/**
 * The executable on a disk that is full for a while.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makeDatagram } from '#test/support/datagrams.ts';
import { runTlsrpt, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { EndedRun } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';
import { until } from '#test/support/until.ts';

const PRELOAD = fileURLToPath(new URL('../support/full-disk.cjs', import.meta.url));
const DAY = '2026-01-02';

class Disk {
  readonly directory = scratchDirectory();
  readonly state = join(this.directory, 'state');
  readonly #flag = join(this.directory, 'full');
  readonly #refusals = join(this.directory, 'refusals');
  readonly environment = {
    NODE_OPTIONS: `--require ${PRELOAD}`,
    FULL_DIRECTORY: this.state,
    FULL_FLAG: this.#flag,
    FULL_REFUSALS: this.#refusals,
  };

  fill(): void {
    writeFileSync(this.#flag, '');
  }

  empty(): void {
    rmSync(this.#flag);
  }

  refusals(): number {
    return existsSync(this.#refusals) ? statSync(this.#refusals).size : 0;
  }
}

function timesSaid(log: string, what: string): number {
  return log.split(what).length - 1;
}

describe('A collector on a full disk', () => {
  it('says so once, counts on, and stores everything when there is room again', async () => {
    const disk = new Disk();
    const socket = join(disk.directory, 'socket');
    const { environment, state } = disk;
    const collector = startTlsrpt(['collect', '--socket', socket, '--state-dir', state], { environment });
    await collector.said('collector-ready');
    const send = (count: number): void => {
      sendDatagrams(
        socket,
        Array.from({ length: count }, (_, index) => makeDatagram({ domain: `${String(index)}.example` })),
      );
    };
    send(10);
    disk.fill();
    for (let round = 1; round <= 5; round += 1) {
      const before = disk.refusals();
      send(100);
      await until(() => disk.refusals() > before + 1);
    }
    expect(timesSaid(collector.stderr(), 'store-not-written')).toBe(1);
    await until(() => readFileSync(join(state, 'collector.lock'), 'utf8').includes('disk-full'));
    expect(await runTlsrpt(['status', '--state-dir', state])).toMatchObject({
      exitCode: 73,
      stdout: expect.stringMatching(/running, process \d+, cannot write since .* \(disk-full\)/) as string,
    });
    expect(collector.stderr()).toContain('no space is left');
    disk.empty();
    await collector.said('store-written-again');
    collector.kill('SIGTERM');
    const { exitCode, stderr } = await collector.ended;
    expect(exitCode).toBe(0);
    expect([timesSaid(stderr, 'store-not-written'), timesSaid(stderr, 'store-written-again')]).toEqual([1, 1]);
    expect(await collectedIn(state)).toMatchObject({ datagrams: 510, tallied: 510, rejected: 0, domains: 100 });
  });

  it('ends with 73 when it must end, and has said why', async () => {
    const disk = new Disk();
    const socket = join(disk.directory, 'socket');
    const { environment, state } = disk;
    const collector = startTlsrpt(['collect', '--socket', socket, '--state-dir', state], { environment });
    await collector.said('collector-ready');
    disk.fill();
    sendDatagrams(socket, [makeDatagram({ domain: 'a.example' })]);
    await collector.said('store-not-written');
    collector.kill('SIGTERM');
    const { exitCode, stderr } = await collector.ended;
    expect([exitCode, stderr.includes('error disk-full'), stderr.includes('collector-stopped')]).toEqual([
      73,
      true,
      false,
    ]);
  });

  it('does not begin, and leaves nothing that keeps it from beginning later', async () => {
    const disk = new Disk();
    const { environment, state } = disk;
    const collect = (): Promise<EndedRun> =>
      runTlsrpt(['collect', '--stdin', '--day', DAY, '--state-dir', state], {
        environment,
        stdin: makeDatagram({ domain: 'a.example' }),
      });
    disk.fill();
    expect(await collect()).toMatchObject({ exitCode: 73, stderr: expect.stringContaining('disk-full') as string });
    disk.empty();
    expect(await collect()).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await collectedIn(state)).toMatchObject({ datagrams: 1, rejected: 0, domains: 1 });
  });
});

describe('A report on a full disk', () => {
  const words = (state: string): string[] => [
    'report',
    '--day',
    DAY,
    '--contact',
    'a@mx.example',
    '--state-dir',
    state,
  ];

  function outboxOf(state: string): Map<string, string> {
    const directory = join(state, 'outbox');
    const names = existsSync(directory) ? readdirSync(directory).filter((name) => !name.endsWith('.lock')) : [];
    return new Map(names.map((name) => [name, readFileSync(join(directory, name), 'latin1')]));
  }

  it('ends with 73, leaves the outbox as it was, and is built when there is room', async () => {
    const disk = new Disk();
    const { environment, state } = disk;
    const collect = (domain: string): Promise<EndedRun> =>
      runTlsrpt(['collect', '--stdin', '--day', DAY, '--state-dir', state], { stdin: makeDatagram({ domain }) });
    const report = (): Promise<EndedRun> => runTlsrpt(words(state), { environment });
    await collect('a.example');
    for (const domain of ['b.example', 'c.example']) {
      const before = outboxOf(state);
      disk.fill();
      expect(await report()).toMatchObject({
        exitCode: 73,
        stdout: '',
        stderr: expect.stringContaining('disk-full') as string,
      });
      expect(outboxOf(state)).toEqual(before);
      disk.empty();
      expect(await report()).toMatchObject({ exitCode: 0, stderr: '' });
      await collect(domain);
    }
    const { stdout } = await runTlsrpt(['status', '--json', '--state-dir', state]);
    expect(JSON.parse(stdout)).toMatchObject({
      days: [{ day: DAY, reports: 2, deliveries: [{ state: 'queued' }, { state: 'queued' }] }],
    });
  });
});

/** On all days together, in case midnight passed meanwhile. */
async function collectedIn(state: string): Promise<unknown> {
  const { stdout } = await runTlsrpt(['status', '--json', '--state-dir', state]);
  const { days } = JSON.parse(stdout) as { days: { collected: Record<string, number> }[] };
  const [first, ...others] = days.map(({ collected }) => collected);
  return others.reduce<Record<string, number>>(
    (total, next) => ({
      datagrams: (total['datagrams'] ?? 0) + (next['datagrams'] ?? 0),
      rejected: (total['rejected'] ?? 0) + (next['rejected'] ?? 0),
      domains: Math.max(total['domains'] ?? 0, next['domains'] ?? 0),
    }),
    first ?? {},
  );
}

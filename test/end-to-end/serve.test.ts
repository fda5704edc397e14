/**
 * The executable serving, as Prometheus, a container and strangers ask it.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '#support/clock.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { CollectedDays } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { has } from '#test/support/real-parts.ts';
import { runTlsrpt, startTlsrpt } from '#test/support/run-tlsrpt.ts';
import type { StartedRun } from '#test/support/run-tlsrpt.ts';
import { startCollector } from '#test/support/running-collector.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';

interface Serving {
  readonly run: StartedRun;
  readonly url: string;
}

async function serve(stateDir: string, ...flags: readonly string[]): Promise<Serving> {
  const run = startTlsrpt(['serve', '--state-dir', stateDir, '--listen', '127.0.0.1:0', ...flags]);
  onTestFinished(() => {
    run.kill('SIGKILL');
  });
  await run.said('server-ready');
  return { run, url: /Answering on (\S+)\./.exec(run.stderr())?.[1] ?? '' };
}

async function textOf(url: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(url, { headers });
  return `${String(response.status)} ${await response.text()}`;
}

/** What is answered once `part` is in it. */
async function untilAnswered(url: string, part: string): Promise<string> {
  for (;;) {
    const text = await textOf(url).catch(() => '');
    if (text.includes(part)) return text;
    await sleep(100);
  }
}

describe('tlsrpt serve', () => {
  it('shows what a running collector has counted, and that all is well', async () => {
    const directory = scratchDirectory();
    const [socket, state] = [join(directory, 'tlsrpt.sock'), { path: join(directory, 'state') }];
    const { url } = await serve(state.path);
    expect(await textOf(`${url}/readyz`)).toBe('503 state-not-read\n');
    await startCollector({ socket, state });
    const failing = makeDatagram({ domain: 'bad.example', failures: [{ code: 204 }] });
    sendDatagrams(socket, [makeDatagram({ domain: 'good.example' }), failing, Buffer.from('not JSON')]);
    const text = await untilAnswered(`${url}/metrics`, 'tlsrpt_datagrams_total 3');
    expect(text).toContain('tlsrpt_datagrams_rejected_total{kind="not-json"} 1');
    expect(text).toContain('tlsrpt_sessions_total{policy_type="no-policy-found",outcome="failed"} 1');
    expect(text).toContain('tlsrpt_failures_total{policy_type="no-policy-found",result_type="certificate-expired"} 1');
    expect(text).toContain('tlsrpt_collector_running 1');
    expect(text).not.toContain('example');
    await untilAnswered(`${url}/healthz`, '200 healthy\n'); // who asked at first is still answered for a moment
    await untilAnswered(`${url}/readyz`, '200 ready\n');
    if (has('promtool')) {
      const input = text.slice('200 '.length);
      expect(spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })).toMatchObject({ status: 0 });
    }
  });

  it('shows pages of what is there, to who has a browser, and reads them on threads of its own', async () => {
    const days = await CollectedDays.make();
    const today = utcDayOf(systemClock.nowMs());
    days.collect([makeDatagram({ domain: 'bad.example', failures: [{ code: 204 }] })], { day: today });
    const { url, run } = await serve(days.store.path);
    await untilAnswered(`${url}/`, 'bad.example');
    await untilAnswered(`${url}/`, 'does not run');
    expect(await untilAnswered(`${url}/domain?name=bad.example`, 'certificate-expired')).toContain(
      'tlsrpt check bad.example',
    );
    for (const path of ['/seen', '/delivered', '/heard', '/search?q=bad', '/seen.json', '/style.css'])
      expect(await textOf(url + path)).toMatch(/^200 /);
    run.kill('SIGTERM');
    expect((await run.ended).exitCode).toBe(0);
    expect(run.stderr()).not.toContain('page-not-read');
  });

  it('shows everything else of a state directory in which a file is damaged', async () => {
    const days = await CollectedDays.make();
    const [bad, good] = ['2026-11-18', '2026-11-19'] as [UtcDay, UtcDay];
    for (const day of [bad, good]) days.collect([makeDatagram({ domain: 'a.example' })], { day });
    writeFileSync(join(days.store.path, 'sessions', `${bad}.sqlite`), 'no database'.repeat(1_000));
    const { url } = await serve(days.store.path);
    const text = await untilAnswered(`${url}/seen.json?days=30&to=2026-11-20`, good);
    expect(text).toContain('store-damaged');
    expect(JSON.parse(text.slice('200 '.length))).toMatchObject({
      days: [
        { day: bad, datagrams: 0 },
        { day: good, datagrams: 1 },
      ],
    });
  });

  it('goes on when something cannot be read, and says so', async () => {
    const days = await CollectedDays.make();
    days.collect([makeDatagram({ domain: 'good.example' })]);
    const { url, run } = await serve(days.store.path);
    for (const name of ['outbox', 'inbound']) writeFileSync(join(days.store.path, name), 'not a directory');
    const text = await textOf(`${url}/metrics`);
    expect(text).toContain('tlsrpt_unreadable{problem="store-not-readable"}');
    expect(text).not.toContain('tlsrpt_unreadable{problem="store-not-readable"} 0');
    expect(run.stderr()).not.toContain('error');
  });

  it('answers with the token alone, and refuses other machines without one', async () => {
    const directory = scratchDirectory();
    const token = 'f2bd1a6e9c3b4d5e8f70';
    const file = join(directory, 'token');
    writeFileSync(file, `${token}\n`);
    chmodSync(file, 0o600);
    const { url } = await serve(directory, '--serve-token-file', file);
    expect(await textOf(`${url}/readyz`)).toBe('401 A token is needed.\n');
    expect(await textOf(`${url}/readyz`, { authorization: `Bearer ${token}` })).toBe('200 ready\n');
    const refused = await runTlsrpt([
      'serve',
      '--state-dir',
      directory,
      '--listen',
      '0.0.0.0:0',
      '--serve-token-file',
      file,
    ]);
    expect(refused.exitCode).toBe(78);
    expect(refused.stderr).toContain(
      'error configuration-error: serve.listen: 0.0.0.0 can be reached from other machines',
    );
  });

  it('says that somebody else has the port', async () => {
    const directory = scratchDirectory();
    const { url } = await serve(directory);
    const second = await runTlsrpt(['serve', '--state-dir', directory, '--listen', new URL(url).host]);
    expect(second.exitCode).toBe(73);
    expect(second.stderr).toContain('error http-not-listening: ');
  });

  it('lives through thousands of connections, most of which say nothing', async () => {
    const { url } = await serve(scratchDirectory());
    const port = Number(new URL(url).port);
    for (let round = 0; round < 10; round += 1) {
      const sockets: Socket[] = Array.from({ length: 500 }, () =>
        connect(port, '127.0.0.1').on('error', () => undefined),
      );
      for (const socket of sockets) socket.write('GET /metrics HTTP/1.1\r\nHo');
      await Promise.all(
        sockets.map(async (socket) => socket.connecting && once(socket, 'connect').catch(() => undefined)),
      );
      for (const socket of sockets) socket.destroy();
    }
    await untilAnswered(`${url}/readyz`, '200 ready');
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('ends in order with %s', async (signal) => {
    const { run } = await serve(scratchDirectory());
    run.kill(signal);
    const { exitCode, stderr } = await run.ended;
    expect([exitCode, stderr.includes('server-stopped')]).toEqual([0, true]);
  });

  it('is a part of run where serve.listen is set', async () => {
    const directory = scratchDirectory();
    const words = ['--socket', join(directory, 'tlsrpt.sock'), '--state-dir', join(directory, 'state')];
    const settings = [
      '--contact',
      'tlsrpt@sender.example',
      '--smtp',
      'smtp://127.0.0.1:1',
      '--dns-server',
      '127.0.0.1:1',
    ];
    const run = startTlsrpt(['run', ...words, ...settings, '--listen', '127.0.0.1:0']);
    onTestFinished(() => {
      run.kill('SIGKILL');
    });
    await run.said('collector-ready');
    await run.said('server-ready');
    const url = /serve info server-ready: Answering on (\S+)\./.exec(run.stderr())?.[1] ?? '';
    await untilAnswered(`${url}/readyz`, '200 ready');
    run.kill('SIGTERM');
    const { exitCode, stderr } = await run.ended;
    expect(exitCode).toBe(0);
    expect(stderr).toContain('server-stopped');
  });
});

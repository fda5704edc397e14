/**
 * A host that changes from sys4 to the executable in mid-day: what the old collector had of the day is moved, twice, while the new one runs.
 * Around midnight that is killed, at one moment of its work on the sessions after the other (in the suite: at some, see swept.ts), and the next one
 * goes on. Whoever reads the day then, or at any time before, finds each session once.
 */
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { StateDirectory } from '#store/state-directory.ts';
import { killAtEachMoment, killedAt } from '#test/support/kill-at-each-moment.ts';
import { preloadAll } from '#test/support/preload.ts';
import { runTlsrpt } from '#test/support/run-tlsrpt.ts';
import { startCollector } from '#test/support/running-collector.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';
import { ShiftedClock } from '#test/support/shifted-clock.ts';
import { isSwept } from '#test/support/swept.ts';
import { install, seen, sessionsOn, TODAY } from '#test/support/sys4-installation.ts';
import { readSys4Domain, sys4Collect, sys4Database } from '#test/support/sys4.ts';
import { until } from '#test/support/until.ts';

const LONG_MS = 300_000;
const STRIDE = 29;
const TOMORROW = '2026-11-21';
const EXPECTED = { 'both.example': 3 + 5, 'new.example': 2, 'old.example': 4 };
const ALL = 14;

class Host {
  readonly directory = scratchDirectory();
  readonly socket = join(this.directory, 'socket');
  readonly state = new StateDirectory(join(this.directory, 'state'));
  readonly clock: ShiftedClock;

  constructor(time: string) {
    this.clock = new ShiftedClock(this.directory, time);
  }

  /** Another one with the same files. */
  copyAt(time: string): Host {
    const copy = new Host(time);
    cpSync(this.state.path, copy.state.path, { recursive: true });
    return copy;
  }

  async run(...words: readonly string[]): Promise<string> {
    const all = [...words, '--state-dir', this.state.path];
    const { exitCode, stdout, stderr } = await runTlsrpt(all, this.clock);
    expect([exitCode, stderr]).toEqual([0, '']);
    return stdout;
  }

  /** As they are in the reports. */
  async reported(...flags: readonly string[]): Promise<Record<string, number>> {
    const words = ['report', '--json', '--day', TODAY, '--contact', 'a@mx.example', ...flags];
    const reports = JSON.parse(await this.run(...words)) as { report: { policies: Policy[] } }[];
    const sums: Record<string, number> = {};
    for (const { policy, summary } of reports.flatMap(({ report }) => report.policies)) {
      const sessions = summary['total-successful-session-count'] + summary['total-failure-session-count'];
      sums[policy['policy-domain']] = (sums[policy['policy-domain']] ?? 0) + sessions;
    }
    return inOrder(sums);
  }

  /** As sys4's reporter gets them. */
  async served(domain: keyof typeof EXPECTED): Promise<number> {
    const { policies } = readSys4Domain(await this.run('fetch', '--serve', TODAY, domain));
    return policies.reduce((sum, { count }) => sum + count.cntrtotal, 0);
  }

  get isClosed(): boolean {
    return [this.state.unfinishedSessionDays(), this.state.daysWithPieces()].flat().every((day) => day !== TODAY);
  }
}

interface Policy {
  readonly policy: { readonly 'policy-domain': string };
  readonly summary: Record<'total-successful-session-count' | 'total-failure-session-count', number>;
}

function inOrder(sums: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(sums).sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** In the evening, when what was moved waits. */
async function hostThatChanged(): Promise<Host> {
  const host = new Host(`${TODAY}T12:00:00Z`);
  const collector = await startCollector(host, host.clock);
  const old = await install({ yesterday: seen('old.example', 7), today: seen('both.example', 2) });
  const words = ['import', 'sys4', '--from', old, '--to', join(old, 'tlsrpt.toml')];
  expect(await host.run(...words)).toContain(`sessions of ${TODAY} in ${old}/collectd.sqlite: moved\n`);
  const more = sys4Collect([...seen('both.example', 5), ...seen('old.example', 4)]);
  writeFileSync(join(old, 'collectd.sqlite'), await sys4Database(more, { day: TODAY, complete: false }));
  expect(await host.run(...words)).toContain('moved, with what came since\n');
  sendDatagrams(host.socket, [...seen('both.example', 3), ...seen('new.example', 2)]);
  collector.kill('SIGTERM');
  await collector.ended;
  expect(await host.reported('--partial', '--dry-run')).toEqual(EXPECTED);
  return host;
}

it(
  'A day that was moved from sys4 has each session once, whenever its collector is killed around midnight',
  { timeout: LONG_MS },
  async () => {
    const evening = await hostThatChanged();
    const killed = await killAtEachMoment(async (moment) => {
      if (!isSwept(moment, STRIDE)) return true;
      const host = evening.copyAt(`${TODAY}T23:59:59.500Z`);
      const dying = { environment: preloadAll(host.clock.environment, killedAt(moment, host.state.sessions)) };
      const wasKilled = await outlives(host, dying);
      expect([moment, await sessionsOn(host.state.path, TODAY)]).toEqual([moment, ALL]);
      host.clock.set(`${TOMORROW}T00:01:00Z`);
      const next = await startCollector(host, host.clock);
      await until(() => host.isClosed);
      expect([moment, await host.served('both.example')]).toEqual([moment, EXPECTED['both.example']]);
      expect([moment, await host.reported()]).toEqual([moment, EXPECTED]);
      next.kill('SIGTERM');
      expect((await next.ended).exitCode).toBe(0);
      return wasKilled;
    });
    expect(killed).toBeGreaterThan(40);
  },
);

/** Runs a collector across midnight until it has closed the day. True when it died before. */
async function outlives(host: Host, options: Parameters<typeof startCollector>[1]): Promise<boolean> {
  const collector = await startCollector(host, options).catch(() => undefined);
  if (!collector) return true;
  let hasEnded = false;
  void collector.ended.then(() => (hasEnded = true));
  await until(() => hasEnded || (host.isClosed && host.clock.nowMs() > Date.parse(`${TOMORROW}T00:00:01Z`)));
  collector.kill('SIGTERM');
  return (await collector.ended).signal === 'SIGKILL';
}

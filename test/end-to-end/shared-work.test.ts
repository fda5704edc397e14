/**
 * What reporters that share their work leave to each other, on one machine of a cluster.
 */
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '#support/clock.ts';
import { startOfDayMs, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { hasOpenSearch } from '#test/support/opensearch.ts';
import { receivedReports } from '#test/support/received-reports.ts';
import type { EndedRun } from '#test/support/run-tlsrpt.ts';
import { runningOpenSearch } from '#test/support/running-opensearch.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { SharingHost } from '#test/support/sharing-host.ts';
import { ShiftedClock } from '#test/support/shifted-clock.ts';
import { smtpError, startSmtpSink } from '#test/support/smtp-sink.ts';
import type { SmtpSink, SmtpSinkOptions } from '#test/support/smtp-sink.ts';

const DAY = '2026-11-19' as UtcDay;
const TIMEOUT_MS = 300_000;
const NAMES = Array.from({ length: 60 }, (_, number) => `d${String(number)}.example`);

/** Whatever it warns of, such as leases that a busy machine does not renew in time. */
function ended({ exitCode, stderr }: EndedRun, code: number): void {
  expect(exitCode, stderr).toBe(code);
}

describe.runIf(hasOpenSearch())('reporters that share their work', () => {
  const engine = runningOpenSearch();

  /** Hosts with an index of their own. */
  function makeHosts(): { one: SharingHost; two: SharingHost } {
    const surroundings = { day: DAY, engine: engine().urls[0], prefix: `t${randomUUID()}` };
    return { one: new SharingHost(surroundings), two: new SharingHost(surroundings) };
  }

  async function makeSink(options?: SmtpSinkOptions): Promise<SmtpSink> {
    const sink = await startSmtpSink(options);
    onTestFinished(() => sink.close());
    return sink;
  }

  /** The one collects, the other has it from the cluster. */
  async function bothHave(domains: readonly string[], { one, two }: ReturnType<typeof makeHosts>): Promise<void> {
    ended(await one.collect(domains), 0);
    ended(await one.publish(), 0);
    ended(await two.fetch(), 0);
  }

  it(
    'deliver later on any of them what one could not, under the same report-id, also by a clock that is an hour ahead',
    async () => {
      const hosts = makeHosts();
      await bothHave(['a.example', 'b.example'], hosts);
      let isBusy = true;
      const tried: string[] = [];
      const sink = await makeSink({
        onData: ({ raw, to }) => {
          if (!isBusy || to[0] !== 'tls@a.example') return undefined;
          tried.push(raw);
          return smtpError(451, 'later');
        },
      });
      ended(await hosts.one.report({ smtp: sink.port }), 75);
      ended(await hosts.two.report({ smtp: sink.port }), 75);
      expect([sink.mails.length, tried.length]).toEqual([1, 1]);
      isBusy = false;
      const { environment } = new ShiftedClock(
        scratchDirectory(),
        new Date(systemClock.nowMs() + 3_600_000).toISOString(),
      );
      ended(await hosts.two.report({ smtp: sink.port, environment }), 0);
      const reportId = /report-id[^<]*<([^>]+)>/i;
      const reports = await receivedReports(sink);
      expect([...reports.keys()].sort()).toEqual(['a.example', 'b.example']);
      expect(tried[0]).toContain(reports.get('a.example')?.[0]?.reportId.slice(0, 20));
      expect(reportId.exec(tried[0] ?? '')?.[1]).toBe(reportId.exec(sink.mails[1]?.raw ?? '')?.[1]);
      const { stdout } = await hosts.one.status('--json', '--day', DAY);
      expect(JSON.parse(stdout)).toMatchObject({
        days: [
          {
            ...{ day: DAY, reports: 2, reporters: [], nextAttempt: null },
            buckets: { done: 256, held: 0, left: 0, untouched: 0 },
            counts: { delivered: 2, deferred: 0, queued: 0 },
          },
        ],
      });
    },
    TIMEOUT_MS,
  );

  it(
    'report in a supplement, on any of them, what comes later',
    async () => {
      const hosts = makeHosts();
      const sink = await makeSink();
      await bothHave(['a.example', 'b.example'], hosts);
      ended(await hosts.one.report({ smtp: sink.port }), 0);
      await bothHave(['a.example', 'a.example'], hosts);
      ended(await hosts.two.report({ smtp: sink.port }), 0);
      ended(await hosts.one.report({ smtp: sink.port }), 0);
      const reports = await receivedReports(sink);
      expect(reports.get('b.example')?.map(({ sessions }) => sessions)).toEqual([1]);
      expect(reports.get('a.example')?.map(({ sessions }) => sessions)).toEqual([1, 2]);
      expect(new Set(reports.get('a.example')?.map(({ reportId }) => reportId)).size).toBe(2);
    },
    TIMEOUT_MS,
  );

  it(
    'begin nothing more once another one may, however long they were paused',
    async () => {
      const hosts = makeHosts();
      await bothHave(NAMES, hosts);
      const sink = await makeSink();
      const paused = hosts.one.startReport({ smtp: sink.port, words: ['--parallel', '2'] });
      while (sink.mails.length < 3) await sleep(5);
      paused.kill('SIGSTOP');
      await sleep(200);
      const before = sink.mails.length;
      expect(before).toBeLessThan(NAMES.length);
      ended(await hosts.two.report({ smtp: sink.port }), 0);
      const both = sink.mails.length;
      expect(both).toBeLessThanOrEqual(NAMES.length + 2);
      paused.kill('SIGCONT');
      ended(await paused.ended, 0);
      expect(sink.mails.length).toBeLessThanOrEqual(both + 2);
      const reports = await receivedReports(sink);
      expect(reports.size).toBe(NAMES.length);
      for (const copies of reports.values()) expect(new Set(copies.map(({ reportId }) => reportId)).size).toBe(1);
    },
    TIMEOUT_MS,
  );

  it(
    'end in order when they are told to, and leave the rest at once to others',
    async () => {
      const hosts = makeHosts();
      await bothHave(NAMES, hosts);
      const sink = await makeSink();
      const told = hosts.one.startReport({ smtp: sink.port, words: ['--parallel', '1'] });
      while (sink.mails.length < 3) await sleep(5);
      told.kill('SIGTERM');
      await told.ended;
      ended(await hosts.two.report({ smtp: sink.port }), 0);
      const reports = await receivedReports(sink);
      expect([reports.size, sink.mails.length]).toEqual([NAMES.length, NAMES.length]);
    },
    TIMEOUT_MS,
  );

  it(
    'report the other days where one is damaged here, or refused by the cluster',
    async () => {
      const surroundings = { day: DAY, engine: engine().urls[0], prefix: `t${randomUUID()}` };
      const host = new SharingHost(surroundings);
      const today = utcDayOf(systemClock.nowMs());
      const days = [3, 2, 1].map((before) => startOfDayMs(today) - before * 86_400_000).map(utcDayOf);
      const [refused = DAY, damaged = DAY, sound = DAY] = days;
      for (const [number, day] of days.entries()) await host.collect([`d${String(number)}.example`], day);
      writeFileSync(join(host.state, 'sessions', `${damaged}.sqlite`), 'this is no database');
      await engine().ask('PUT', `/${surroundings.prefix}-reports-${refused}`);
      await engine().ask('POST', `/${surroundings.prefix}-reports-${refused}/_close`);
      const sink = await makeSink();
      const { stderr } = await host.report({ smtp: sink.port, day: 'unreported' });
      expect(stderr).toContain('cluster-refused');
      expect(stderr).toContain('store-damaged');
      expect(sink.mails.map(({ to }) => to[0])).toEqual(['tls@d2.example']);
      const { stdout } = await host.status('--json', '--day', sound);
      expect(JSON.parse(stdout)).toMatchObject({ days: [{ day: sound, buckets: { done: 256 } }] });
    },
    TIMEOUT_MS,
  );

  it(
    'add nothing to a day that one of them has reported alone',
    async () => {
      const { one } = makeHosts();
      await one.collect(['a.example', 'b.example']);
      const sink = await makeSink();
      ended(await one.reportAlone({ smtp: sink.port }), 0);
      const shared = await one.report({ smtp: sink.port });
      expect([shared.exitCode, sink.mails.length]).toEqual([78, 2]);
      expect(shared.stderr).toContain('day-reported-alone');
    },
    TIMEOUT_MS,
  );

  it(
    'deliver nothing without the cluster',
    async () => {
      const { one } = makeHosts();
      await one.collect(['a.example']);
      const sink = await makeSink();
      const refused = await one.report({ smtp: sink.port, engine: 'http://127.0.0.1:9' });
      expect([refused.exitCode, sink.mails.length]).toEqual([69, 0]);
      expect(refused.stderr).toContain('cluster-unreachable');
    },
    TIMEOUT_MS,
  );
});

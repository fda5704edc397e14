import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { readFigures } from '#pipeline/status/read-figures.ts';
import type { Figures } from '#pipeline/status/read-figures.ts';
import { formatMetrics } from '#web/metrics/format-metrics.ts';
import { METRIC_PREFIX } from '#web/metrics/metric.ts';
import { metrics } from '#web/metrics/metric-list.ts';
import { reportWithId } from '#test/contracts/report-transport.contract.ts';
import { CollectedDays, DAY, MORNING_MS } from '#test/support/collected-days.ts';
import { makeDatagram, recordedDatagrams } from '#test/support/datagrams.ts';
import { has } from '#test/support/real-parts.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

const TODAY = '2026-11-20' as UtcDay;

/** Something of everything. */
async function busyFigures(): Promise<Figures> {
  const days = await CollectedDays.make();
  const { store } = days;
  days.collect([...recordedDatagrams(), Buffer.from('not JSON')]);
  days.collect([makeDatagram({ domain: 'bad.example', failures: [{ code: 204 }] })], { day: TODAY });
  const outbox = store.outboxes.open(DAY);
  outbox.save([{ outgoing: reportWithId('a@x'), destinations: ['mailto:a@b.example'], dueMs: MORNING_MS - 1 }]);
  outbox.noteResult({
    reportId: 'a@x',
    destination: 'mailto:a@b.example',
    state: 'delivered',
    attempts: 1,
    firstAttemptMs: MORNING_MS,
    lastAttemptMs: MORNING_MS,
    lastResult: '250 "}\n',
    nextAttemptMs: undefined,
  });
  outbox.close();
  const run = { started: '2026-11-20T05:00:00.000Z', ended: '2026-11-20T05:00:01.000Z', exitCode: 75 };
  store.runs.note('report', run);
  return readFigures({ store, sources: ['/mx1'], nowMs: MORNING_MS });
}

interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

function seriesIn(text: string): Series[] {
  return text.split('\n').flatMap((line) => {
    const [, name = '', labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', text = '']) => [label, text] as const);
    return value === undefined ? [] : [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}

describe('The metrics', () => {
  it.runIf(has('promtool'))('are to the taste of promtool', async () => {
    const input = await formatMetrics(await busyFigures());
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('have no label value but those that their rows name, so no stranger makes a series', async () => {
    const rows = new Map(metrics.map((row) => [`${METRIC_PREFIX}${row.name}`, row]));
    const series = seriesIn(await formatMetrics(await busyFigures()));
    expect(series.length).toBeGreaterThan(100);
    for (const { name, labels } of series)
      for (const [label, value] of Object.entries(labels)) expect(rows.get(name)?.labels?.[label]).toContain(value);
  });

  it('are as many series whether much or little was seen', async () => {
    const empty = await CollectedDays.make();
    const figures = readFigures({ store: empty.store, sources: [], nowMs: MORNING_MS });
    const countOf = async (one: Figures): Promise<number> => {
      const series = seriesIn(await formatMetrics(one));
      return series.filter(({ name }) => !/timestamp_seconds$|last_run_exit_code$/.test(name)).length;
    };
    expect(await countOf(figures)).toBe(await countOf(await busyFigures()));
  });

  it('count what was rejected by kind, kinds that are not known as one', async () => {
    const figures = await busyFigures();
    const { yesterday } = figures;
    const collected = { ...yesterday.collected, rejected: 9, rejectedByKind: { 'not-json': 4, 'made-up"}': 5 } };
    const series = seriesIn(await formatMetrics({ ...figures, yesterday: { ...yesterday, collected } }));
    const rejected = series.filter(({ name, value }) => name.endsWith('yesterday_datagrams_rejected') && value > 0);
    expect(rejected.map(({ labels, value }) => [labels['kind'], value])).toEqual([
      ['not-json', 4],
      ['other', 5],
    ]);
  });

  it('leave out the times of what never happened', async () => {
    const { store } = await CollectedDays.make();
    const text = await formatMetrics(readFigures({ store, sources: [], nowMs: MORNING_MS }));
    expect(text).not.toContain('last_datagram_timestamp_seconds');
    expect(text).not.toContain('last_delivery_timestamp_seconds');
  });
});

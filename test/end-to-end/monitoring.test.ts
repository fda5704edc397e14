/**
 * What the package brings for Prometheus and Grafana, and whether it is about metrics that there are.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { METRIC_PREFIX } from '#web/metrics/metric.ts';
import { metrics } from '#web/metrics/metric-list.ts';
import { serverMetrics } from '#web/metrics/server-metrics.ts';
import { has } from '#test/support/real-parts.ts';
import { scratchDirectory } from '#test/support/scratch.ts';

const FILES = fileURLToPath(new URL('../../scripts/package/files', import.meta.url));
const RULES = join(FILES, 'prometheus-rules.yml');
const DASHBOARD = join(FILES, 'grafana-dashboard.json');

const names = [...metrics, ...serverMetrics].map(({ name }) => `${METRIC_PREFIX}${name}`);

/** Of the host `good` the counters begin anew in the middle, as at midnight. */
const SCENARIO = `
rule_files: [${RULES}]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - series: 'tlsrpt_datagrams_dropped_total{instance="lossy"}'
        values: '0x30 7x90'
      - series: 'tlsrpt_datagrams_dropped_total{instance="midnight"}'
        values: '9x30 0x90'
      - series: 'tlsrpt_sessions_total{instance="bad",policy_type="sts",outcome="successful"}'
        values: '0+60x120'
      - series: 'tlsrpt_sessions_total{instance="bad",policy_type="sts",outcome="failed"}'
        values: '0+40x120'
      - series: 'tlsrpt_sessions_total{instance="good",policy_type="sts",outcome="successful"}'
        values: '0+60x60 0+60x60'
      - series: 'tlsrpt_sessions_total{instance="good",policy_type="sts",outcome="failed"}'
        values: '0+4x60 0+4x60'
      - series: 'tlsrpt_last_run_exit_code{instance="well",command="send"}'
        values: '75x120'
    alert_rule_test:
      - eval_time: 60m
        alertname: TlsrptDatagramsLost
        exp_alerts:
          - exp_labels: { instance: lossy, severity: warning }
            exp_annotations: { summary: 'lossy has no room for what comes: sessions were lost within the last hour.' }
      - eval_time: 100m
        alertname: TlsrptManySessionsFail
        exp_alerts:
          - exp_labels: { instance: bad, severity: warning }
            exp_annotations:
              summary: TLS fails with more than a fifth of the sessions that bad hears of. That may be our own trouble.
      - eval_time: 100m
        alertname: TlsrptRunFailed
        exp_alerts: []
`;

describe('The rules for Prometheus', () => {
  it.runIf(has('promtool'))('are to the taste of promtool', () => {
    const { status, stderr } = spawnSync('promtool', ['check', 'rules', RULES], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it.runIf(has('promtool'))('tell of losses and failures, and not of counters that begin anew at midnight', () => {
    const file = join(scratchDirectory(), 'scenario.yml');
    writeFileSync(file, SCENARIO);
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', file], { encoding: 'utf8' });
    expect(`${String(status)} ${stdout}${stderr}`).toMatch(/^0 [^]*SUCCESS/);
  });
});

describe.each([
  ['the rules for Prometheus', RULES],
  ['the dashboard for Grafana', DASHBOARD],
])('In %s', (_what, file) => {
  it('everything that is asked for is a metric that there is', () => {
    const asked = readFileSync(file, 'utf8').match(/tlsrpt_\w+/g) ?? [];
    expect(asked.length).toBeGreaterThan(10);
    expect([...new Set(asked)].filter((name) => !names.includes(name))).toEqual([]);
  });
});

describe('The dashboard for Grafana', () => {
  it.runIf(has('promtool'))('asks what Prometheus understands', () => {
    const { panels } = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as {
      panels: readonly { targets: readonly { expr: string }[] }[];
    };
    const rules = panels
      .flatMap(({ targets }) => targets)
      .map(({ expr }, index) => ({
        record: `query_${String(index)}`,
        expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$instance', '.*'),
      }));
    const file = join(scratchDirectory(), 'queries.yml');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    expect(spawnSync('promtool', ['check', 'rules', file], { encoding: 'utf8' })).toMatchObject({ status: 0 });
  });
});

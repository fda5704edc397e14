/**
 * The dashboard for OpenSearch Dashboards and Kibana: what each plot asks, asked of a real engine to which two hosts have published.
 */
import { describe, expect, it } from 'vitest';
import { EngineDayIndex } from '#adapters/opensearch/engine-day-index.ts';
import { templateOf } from '#adapters/opensearch/index-names.ts';
import { publishOnce } from '#pipeline/publish/publish-days.ts';
import { engineDashboard, plots } from '../../scripts/package/engine-dashboard.ts';
import { CollectedDays, DAY } from '#test/support/collected-days.ts';
import { makeDatagram } from '#test/support/datagrams.ts';
import { hasOpenSearch } from '#test/support/opensearch.ts';
import { engineClientFor, runningOpenSearch } from '#test/support/running-opensearch.ts';

interface SavedObject {
  readonly id: string;
  readonly type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly references: readonly { readonly name: string; readonly type: string; readonly id: string }[];
}

const saved = engineDashboard()
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as SavedObject);

/** Two good sessions and one that failed with a.example, one of each with b.example, twice. */
const DATAGRAMS = [
  makeDatagram({ domain: 'a.example' }),
  makeDatagram({ domain: 'a.example' }),
  makeDatagram({ domain: 'a.example', failures: [{ code: 201, receivingHost: 'mx.a.example' }] }),
  makeDatagram({ domain: 'b.example' }),
  makeDatagram({ domain: 'b.example', failures: [{ code: 202 }] }),
];

describe('The dashboard for OpenSearch Dashboards and Kibana', () => {
  it('refers to nothing that it does not bring', () => {
    const brought = saved.map(({ type, id }) => `${type} ${id}`);
    expect(saved.flatMap(({ references }) => references.map(({ type, id }) => `${type} ${id}`))).not.toEqual([]);
    for (const { references } of saved)
      for (const { type, id } of references) expect(brought).toContain(`${type} ${id}`);
  });

  it('shows each plot once, side by side, and none over another', () => {
    const board = saved.find(({ type }) => type === 'dashboard');
    const panels = JSON.parse(String(board?.attributes['panelsJSON'])) as {
      readonly panelRefName: string;
      readonly gridData: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    }[];
    expect(panels.map(({ panelRefName }) => panelRefName)).toEqual(board?.references.map(({ name }) => name));
    const cells = panels.flatMap(({ gridData: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${String(x + (cell % w))},${String(y + Math.floor(cell / w))}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });

  it('has columns that publish writes', () => {
    const { template } = templateOf('tlsrpt') as { template: { mappings: { properties: object } } };
    const search = saved.find(({ type }) => type === 'search');
    expect(Object.keys(template.mappings.properties)).toEqual(
      expect.arrayContaining(search?.attributes['columns'] as string[]),
    );
  });
});

describe.runIf(hasOpenSearch())('Each of its plots', () => {
  const engine = runningOpenSearch();

  it('adds up what was published', async () => {
    const client = engineClientFor(engine().urls[0]);
    for (const host of ['mx1.example', 'mx2.example']) {
      const days = await CollectedDays.make();
      days.collect(DATAGRAMS, { day: DAY });
      const index = new EngineDayIndex({ client, prefix: 'tlsrpt' });
      const stopping = new AbortController().signal;
      await publishOnce({ store: days.store, index, host, log: () => undefined, stopping, days: undefined });
    }
    const answers = new Map<string, unknown>();
    for (const { title, aggregations, rows } of plots) {
      const answer = await engine().ask('POST', '/tlsrpt-policies-*/_search', { size: 0, aggs: aggregations });
      answers.set(
        title,
        rows.split('.').reduce((part, key) => (part as Record<string, unknown>)[key], answer),
      );
    }
    const row = (key: unknown, successful: number, failed: number): unknown =>
      expect.objectContaining({ key, successful: { value: successful }, failed: { value: failed } });
    const sum = (key: unknown, sessions: number): unknown =>
      expect.objectContaining({ key, sessions: { value: sessions } });
    const types = answers.get('Failures by day and result type') as {
      readonly failures: { readonly values: { readonly buckets: unknown[] } };
    }[];
    expect(types.flatMap(({ failures }) => failures.values.buckets)).toEqual([
      sum('certificate-host-mismatch', 2),
      sum('starttls-not-supported', 2),
    ]);
    const dayMs = Date.parse(`${DAY}T00:00:00Z`);
    expect(Object.fromEntries(answers)).toEqual({
      'Sessions by day': [row(dayMs, 6, 4)],
      'Failures by day and result type': [
        expect.objectContaining({ key: dayMs, failures: expect.anything() as unknown }),
      ],
      'Domains with the most failures': [row('a.example', 4, 2), row('b.example', 2, 2)],
      'Receiving hosts with the most failures': [sum('mx.a.example', 2)],
      'Sessions by sending host': [row('mx1.example', 3, 2), row('mx2.example', 3, 2)],
    });
  });
});

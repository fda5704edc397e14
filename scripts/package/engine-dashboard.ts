/**
 * The saved dashboard for OpenSearch Dashboards and Kibana: what `publish` writes under its default prefix, drawn.
 *
 * Both import saved objects as of Kibana 7.10, the last version that they share. The plots are of Vega-Lite: each asks the engine itself, as failures
 * are nested, which no other kind of plot can add up.
 */
import { DEFAULT_INDEX_PREFIX } from '#config/cluster-settings.ts';

interface Plot {
  readonly title: string;
  /** Of 48. */
  readonly width: number;
  readonly height: number;
  /** What the engine is asked. */
  readonly aggregations: object;
  /** Where the rows are in its answer. */
  readonly rows: string;
  /** What makes them rows of one number each. */
  readonly transform: readonly object[];
  readonly mark: string;
  readonly encoding: object;
}

const POLICIES = `${DEFAULT_INDEX_PREFIX}-policies-*`;
const NOTES = `${DEFAULT_INDEX_PREFIX}-days`;
const POLICIES_ID = 'tlsrpt-policies';
const NOTES_ID = 'tlsrpt-days';
const SAVED_BY = { visualization: '7.10.0', dashboard: '7.9.3', search: '7.9.3', 'index-pattern': '7.6.0' };
const INDEX_REFERENCE = 'kibanaSavedObjectMeta.searchSourceJSON.index';
const COLUMNS = 48;
const MOST_ROWS = 20;

const successful = { sum: { field: 'total-successful-session-count' } };
const failed = { sum: { field: 'total-failure-session-count' } };
const perDay = { field: 'day', calendar_interval: 'day', min_doc_count: 1 };
const day = { field: 'key', type: 'temporal', timeUnit: 'utcyearmonthdate', title: 'Day (UTC)' };

/** Fields of nested failures have their path in their names. */
function failureField(name: string): string {
  return `failure-details.${name}`;
}

/** Failed sessions by a field of theirs. */
function failuresBy(field: string): object {
  const sessions = { sum: { field: failureField('failed-session-count') } };
  const terms = { field: failureField(field), size: MOST_ROWS, order: { sessions: 'desc' } };
  return { nested: { path: 'failure-details' }, aggs: { values: { terms, aggs: { sessions } } } };
}

/** Documents by a field of theirs, the most failures first. */
function worst(field: string): object {
  return {
    values: { terms: { field, size: MOST_ROWS, order: { failed: 'desc' } }, aggs: { successful, failed } },
  };
}

const BY_OUTCOME = [
  { calculate: 'datum.successful.value', as: 'successful' },
  { calculate: 'datum.failed.value', as: 'failed' },
  { fold: ['successful', 'failed'], as: ['outcome', 'sessions'] },
];
const OUTCOME = {
  field: 'outcome',
  type: 'nominal',
  scale: { domain: ['successful', 'failed'], range: ['#4c78a8', '#d62728'] },
};

function bars(title: string): object {
  return {
    x: { field: 'number', type: 'quantitative', title: 'Failed sessions' },
    y: { field: 'key', type: 'nominal', sort: '-x', title },
  };
}

const ONE_NUMBER = [{ calculate: 'datum.sessions.value', as: 'number' }];

export const plots: readonly Plot[] = [
  {
    title: 'Sessions by day',
    width: 24,
    height: 15,
    aggregations: { days: { date_histogram: perDay, aggs: { successful, failed } } },
    rows: 'aggregations.days.buckets',
    transform: BY_OUTCOME,
    mark: 'bar',
    encoding: { x: day, y: { field: 'sessions', type: 'quantitative', title: 'Sessions' }, color: OUTCOME },
  },
  {
    title: 'Failures by day and result type',
    width: 24,
    height: 15,
    aggregations: { days: { date_histogram: perDay, aggs: { failures: failuresBy('result-type') } } },
    rows: 'aggregations.days.buckets',
    transform: [
      { calculate: 'datum.failures.values.buckets', as: 'types' },
      { flatten: ['types'], as: ['type'] },
      { calculate: 'datum.type.key', as: 'result-type' },
      { calculate: 'datum.type.sessions.value', as: 'number' },
    ],
    mark: 'bar',
    encoding: {
      x: day,
      y: { field: 'number', type: 'quantitative', title: 'Failed sessions' },
      color: { field: 'result-type', type: 'nominal', title: 'Result type' },
    },
  },
  {
    title: 'Domains with the most failures',
    width: 24,
    height: 18,
    aggregations: worst('domain'),
    rows: 'aggregations.values.buckets',
    transform: [{ calculate: 'datum.failed.value', as: 'number' }, { filter: 'datum.number > 0' }],
    mark: 'bar',
    encoding: bars('Domain'),
  },
  {
    title: 'Receiving hosts with the most failures',
    width: 24,
    height: 18,
    aggregations: { failures: failuresBy('receiving-mx-hostname') },
    rows: 'aggregations.failures.values.buckets',
    transform: ONE_NUMBER,
    mark: 'bar',
    encoding: bars('Receiving host'),
  },
  {
    title: 'Sessions by sending host',
    width: 24,
    height: 15,
    aggregations: worst('host'),
    rows: 'aggregations.values.buckets',
    transform: BY_OUTCOME,
    mark: 'bar',
    encoding: {
      x: { field: 'sessions', type: 'quantitative', title: 'Sessions' },
      y: { field: 'key', type: 'nominal', title: 'Host' },
      color: OUTCOME,
    },
  },
];

/** What stands in a plot, for whoever draws it: the engine's answer takes the place of `data.url`. */
function vegaLite({ aggregations, rows, transform, mark, encoding }: Plot): object {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v4.json',
    data: {
      url: { '%context%': true, '%timefield%': 'day', index: POLICIES, body: { size: 0, aggs: aggregations } },
      format: { property: rows },
    },
    transform,
    mark: { type: mark, tooltip: true },
    encoding,
  };
}

/** One saved object on each line. */
export function engineDashboard(): string {
  const objects = [
    indexPattern(POLICIES_ID, POLICIES),
    indexPattern(NOTES_ID, NOTES),
    ...plots.map(visualization),
    hostDays(),
    dashboard(),
  ];
  return `${objects.map((object) => JSON.stringify(object)).join('\n')}\n`;
}

function indexPattern(id: string, title: string): object {
  return savedObject('index-pattern', id, { title, timeFieldName: 'day' });
}

function plotId(index: number): string {
  return `tlsrpt-plot-${String(index + 1)}`;
}

function visualization(plot: Plot, index: number): object {
  const spec = JSON.stringify(vegaLite(plot), undefined, 2);
  return savedObject('visualization', plotId(index), {
    title: `TLSRPT: ${plot.title}`,
    visState: JSON.stringify({ title: `TLSRPT: ${plot.title}`, type: 'vega', params: { spec }, aggs: [] }),
    uiStateJSON: '{}',
    description: '',
    version: 1,
    kibanaSavedObjectMeta: { searchSourceJSON: searchSource() },
  });
}

/** How complete each host's days are. */
function hostDays(): object {
  const attributes = {
    title: 'TLSRPT: days of each host',
    description: '',
    columns: [
      'host',
      'closed',
      'documents',
      'total-successful-session-count',
      'total-failure-session-count',
      'published-at',
    ],
    sort: [['day', 'desc']],
    version: 1,
    kibanaSavedObjectMeta: { searchSourceJSON: searchSource({ indexRefName: INDEX_REFERENCE }) },
  };
  return savedObject('search', 'tlsrpt-host-days', attributes, [
    { name: INDEX_REFERENCE, type: 'index-pattern', id: NOTES_ID },
  ]);
}

function dashboard(): object {
  const shown = [
    ...plots.map(({ width, height }, index) => ({ width, height, type: 'visualization', id: plotId(index) })),
    { width: 24, height: 15, type: 'search', id: 'tlsrpt-host-days' },
  ];
  let [x, y] = [0, 0];
  const panels = shown.map(({ width, height }, index) => {
    const panel = {
      version: '7.10.0',
      gridData: { x, y, w: width, h: height, i: String(index) },
      panelIndex: String(index),
      embeddableConfig: {},
      panelRefName: `panel_${String(index)}`,
    };
    x += width;
    if (x >= COLUMNS) [x, y] = [0, y + height];
    return panel;
  });
  const attributes = {
    title: 'TLSRPT',
    description: 'SMTP TLS as the hosts that publish have seen it.',
    hits: 0,
    panelsJSON: JSON.stringify(panels),
    optionsJSON: JSON.stringify({ useMargins: true, hidePanelTitles: false }),
    version: 1,
    timeRestore: true,
    timeFrom: 'now-30d/d',
    timeTo: 'now',
    kibanaSavedObjectMeta: { searchSourceJSON: searchSource() },
  };
  return savedObject(
    'dashboard',
    'tlsrpt',
    attributes,
    shown.map(({ type, id }, index) => ({ name: `panel_${String(index)}`, type, id })),
  );
}

function searchSource(more: object = {}): string {
  return JSON.stringify({ query: { query: '', language: 'kuery' }, filter: [], ...more });
}

function savedObject(type: keyof typeof SAVED_BY, id: string, attributes: object, references: object[] = []): object {
  return { id, type, attributes, references, migrationVersion: { [type]: SAVED_BY[type] } };
}

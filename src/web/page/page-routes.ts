/**
 * The pages, their stylesheet, and what can be taken along, each at a path of its own; everything else is in the query.
 *
 * Who asks waits a moment for what has just changed, and then gets what is known.
 */
import type { FoundReport } from '#pipeline/status/find-report.ts';
import { canonicalDomain } from '#tlsrpt/domain-name.ts';
import { parseUtcDay, utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { Answer, Route } from '#web/route.ts';
import type { SharedAnswer } from '#web/shared-reading.ts';
import { deliveredDownload, deliveredPage, reportPage } from './delivered-page.ts';
import { domainDownload, domainPage } from './domain-page.ts';
import type { DomainFacts } from './domain-page.ts';
import { csvAnswer, jsonAnswer } from './download.ts';
import type { Download } from './download.ts';
import { framed } from './frame.ts';
import type { Page } from './frame.ts';
import { healthFactsIn } from './health-facts.ts';
import type { HealthFacts } from './health-facts.ts';
import { heardDownload, heardPage } from './heard-page.ts';
import { html } from './html.ts';
import { readPeriod } from './period.ts';
import type { Period } from './period.ts';
import { searchPage, soughtIn } from './search-page.ts';
import { seenDownload, seenPage } from './seen-page.ts';
import type { StateMemory, StateView } from './state-memory.ts';
import type { StateReader } from './state-reader.ts';
import { STYLE } from './style.ts';
import { todayPage } from './today-page.ts';

export interface PageOptions {
  readonly memory: StateMemory;
  /** For single reports. */
  readonly reader: StateReader;
  /** What `status --health --json` prints. */
  readonly health: () => Promise<SharedAnswer>;
  readonly nowMs: () => number;
  readonly sleep: (durationMs: number) => Promise<void>;
}

/** For what has just changed. */
const PATIENCE_MS = 150;
const MAX_NAME_LENGTH = 300;

export function pageRoutes(options: PageOptions): Route[] {
  const pages = new Pages(options);
  const page = (path: string, make: (query: URLSearchParams) => Promise<Page> | Page): Route => ({
    path,
    answer: async (query) => {
      await pages.renewed();
      const made = await make(query);
      return framed(made, pages.view);
    },
  });
  const downloads = (path: string, make: (query: URLSearchParams) => Promise<Download> | Download): Route[] =>
    [csvAnswer, jsonAnswer].map((answerOf, at) => ({
      path: `${path}${at === 0 ? '.csv' : '.json'}`,
      answer: async (query) => {
        await pages.renewed();
        return answerOf(await make(query));
      },
    }));
  return [
    { path: '/', answer: async () => framed(await pages.today(), pages.view) },
    page('/seen', (query) => seenPage(pages.view, pages.period(query))),
    ...downloads('/seen', (query) => seenDownload(pages.view, pages.period(query))),
    page('/domain', async (query) => domainPage(await pages.domain(query))),
    ...downloads('/domain', async (query) => domainDownload(await pages.domain(query))),
    page('/delivered', (query) => deliveredPage(pages.view, pages.period(query))),
    ...downloads('/delivered', (query) => deliveredDownload(pages.view, pages.period(query))),
    page('/report', (query) => pages.report(query)),
    page('/heard', (query) => heardPage(pages.view, pages.period(query), query.get('day'))),
    ...downloads('/heard', (query) => heardDownload(pages.view, pages.period(query))),
    page('/search', (query) => pages.search(query)),
    { path: '/style.css', answer: () => Promise.resolve(STYLESHEET) },
  ];
}

const STYLESHEET: Answer = { status: 200, contentType: 'text/css; charset=utf-8', text: STYLE };

class Pages {
  readonly #options: PageOptions;
  #health: HealthFacts | undefined;
  #waitedFor: Promise<void> | undefined;

  constructor(options: PageOptions) {
    this.#options = options;
  }

  get view(): StateView {
    return this.#options.memory.view();
  }

  /** Once what is known is up to date, or after a moment. What takes longer than that is waited for once. */
  async renewed(also = Promise.resolve()): Promise<void> {
    const refresh = this.#options.memory.refresh();
    const work = refresh === this.#waitedFor ? [also] : [refresh, also];
    await Promise.race([Promise.all(work), this.#options.sleep(PATIENCE_MS)]);
    this.#waitedFor = refresh;
  }

  async today(): Promise<Page> {
    await this.renewed(this.#renewHealth());
    const nowMs = this.#options.nowMs();
    return todayPage({ view: this.view, health: this.#health, today: utcDayOf(nowMs), nowMs });
  }

  period(query: URLSearchParams): Period {
    return readPeriod(query, utcDayOf(this.#options.nowMs()));
  }

  async domain(query: URLSearchParams): Promise<DomainFacts> {
    const domain = canonicalDomain((query.get('name') ?? '').slice(0, MAX_NAME_LENGTH));
    const period = this.period(query);
    const found = await this.#options.memory.domain(domain, period.days);
    return { domain, period, passedOver: period.days, sightings: NOTHING_SEEN, ...found };
  }

  async report(query: URLSearchParams): Promise<Page> {
    const reportId = query.get('id') ?? '';
    const found = await this.#reportNamed(reportId, parseUtcDay(query.get('day') ?? '') ?? dayIn(reportId));
    if (found) return reportPage(found);
    return {
      title: 'No such report',
      status: 404,
      body: html`<p>Its day may have been removed since, or cannot be read.</p>`,
    };
  }

  async search(query: URLSearchParams): Promise<Page> {
    const sought = soughtIn(query);
    return searchPage({ view: this.view, sought, report: await this.#reportNamed(sought, dayIn(sought)) });
  }

  async #reportNamed(reportId: string, day: UtcDay | undefined): Promise<FoundReport | undefined> {
    if (day === undefined || reportId.length > MAX_NAME_LENGTH) return undefined;
    const reading = await this.#options.reader.ask({ kind: 'report', day, reportId });
    return reading?.found;
  }

  async #renewHealth(): Promise<void> {
    this.#health = healthFactsIn(await this.#options.health());
  }
}

/** A report-id of ours begins with its day. */
function dayIn(reportId: string): UtcDay | undefined {
  return parseUtcDay(reportId.slice(0, 'YYYY-MM-DD'.length));
}

const NOTHING_SEEN = {
  days: [],
  policies: [],
  omittedPolicies: 0,
  record: undefined,
  reports: [],
  problems: [],
} as const;

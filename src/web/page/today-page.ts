/**
 * Today: whether every part works, what came so far, and what is going wrong now.
 */
import type { SeenDay } from '#pipeline/status/seen-day.ts';
import type { FailingDomain } from '#store/sessions/failing-domains.ts';
import { sumOf } from '#support/sum-of.ts';
import { daysBefore } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { ago, count, facts, link, plural, share } from './elements.ts';
import { foldedExplanation } from './explanation.ts';
import type { HealthFacts } from './health-facts.ts';
import type { Page } from './frame.ts';
import { html } from './html.ts';
import type { Html, HtmlValue } from './html.ts';
import { failingTable, failuresTable } from './seen-tables.ts';
import { sessionsOf } from './seen-sums.ts';
import type { StateView } from './state-memory.ts';

export interface TodayFacts {
  readonly view: StateView;
  /** Undefined while that is not known. */
  readonly health: HealthFacts | undefined;
  readonly today: UtcDay;
  readonly nowMs: number;
}

const MOST_DOMAINS = 20;
const DAYS_BEFORE = 7;

export function todayPage({ view, health, today, nowMs }: TodayFacts): Page {
  const seen = view.seen.get(today);
  const body = html`<p class="soft">${today}, UTC</p>
    <h2>Health</h2>
    ${health ? healthOf(health, nowMs) : html`<p class="bad">How the parts fare is not known yet, or cannot be read: see the log of serve.</p>`}
    ${deliveryFacts(view, nowMs)}
    <h2>Going wrong now</h2>
    ${goingWrong(view, today)}
    <h2>So far</h2>
    ${seen ? soFar(seen) : html`<p class="soft">Nothing was seen yet today.</p>`}`;
  return { title: 'Today', path: '/', body };
}

function healthOf({ healthy, problems, collector, lastDatagram, runs }: HealthFacts, nowMs: number): Html {
  const since = (iso: string | null | undefined): string => (iso == null ? 'never' : ago(Date.parse(iso), nowMs));
  const run = (ended: HealthFacts['runs']['report']): HtmlValue =>
    ended && ![0, 75].includes(ended.exitCode)
      ? html`<span class="bad">failed ${since(ended.ended)}</span>`
      : since(ended?.ended);
  return html`<p>
      ${healthy ? html`<span class="good">All parts work.</span>` : html`<span class="bad">Something does not work:</span>`}
    </p>
    ${
      problems.length > 0 &&
      html`<ul>
        ${problems.map(({ code, message }) => html`<li><strong>${code}</strong>: ${message}</li>`)}
      </ul>`
    }
    ${facts([
      ['Collector', collectorText(collector)],
      ['Last datagram', since(lastDatagram)],
      ['Last report run', run(runs.report)],
      ['Last send run', run(runs.send)],
    ])}`;
}

function collectorText({ running }: HealthFacts['collector']): HtmlValue {
  if (running === null) return 'not known';
  return running ? html`<span class="good">runs</span>` : html`<span class="bad">does not run</span>`;
}

/** What of the reports needs somebody to look at it. */
function deliveryFacts({ delivered, missing }: StateView, nowMs: number): Html {
  const days = [...delivered.values()];
  const waiting = sumOf(
    days.flatMap(({ deliveries }) => deliveries.map(({ state, count: each }) => (WAITS.includes(state) ? each : 0))),
  );
  const due = days
    .flatMap(({ firstDueMs }) => firstDueMs ?? [])
    .reduce((first, next) => Math.min(first, next), Infinity);
  return html`${facts([
    ['Deliveries that wait', link('/delivered', {}, count(waiting))],
    ['Longest overdue', due === Infinity ? 'none' : ago(due, nowMs).replace(' ago', '')],
    ['Missing of yesterday', missing.length === 0 ? 'nothing' : html`<span class="bad">${missing.join(', ')}</span>`],
  ])}`;
}

const WAITS: readonly string[] = ['queued', 'deferred'];

function soFar(seen: SeenDay): Html {
  const { successful, failed } = sessionsOf([seen]);
  return html`${facts([
    ['Sessions', count(successful + failed)],
    ['Failed', html`${count(failed)} (${share(failed, successful + failed)})`],
    ['Domains', count(seen.domains)],
    ['Domains with failures', count(seen.failingDomains)],
    ['Datagrams', count(seen.datagrams)],
    ...(seen.rejected > 0 ? [['Rejected', html`<span class="bad">${count(seen.rejected)}</span>`] as const] : []),
    ...(seen.dropped > 0 ? [['Lost', html`<span class="bad">${count(seen.dropped)}</span>`] as const] : []),
  ])}
  ${seen.problems.map(({ code, message }) => html`<p class="bad">${code}: ${message}</p>`)} ${failuresTable([seen])}`;
}

function goingWrong({ seen }: StateView, today: UtcDay): Html {
  const failing = seen.get(today)?.failing ?? [];
  if (failing.length === 0) return html`<p class="good">No session failed today.</p>`;
  const before = daysBeforeOf(seen, today);
  const known = new Set(before.flatMap((day) => day.failing.map(({ domain }) => domain)));
  const shown = failing.slice(0, MOST_DOMAINS);
  const fresh = shown.filter(({ domain }) => !known.has(domain)).map(({ domain }) => domain);
  const types = [...new Set(shown.flatMap(({ failures }) => failures.map(({ resultType }) => resultType)))];
  return html`${failingTable(shown, { caption: 'The domains with most failures today', query: {}, fresh })}
  ${failing.length > shown.length && html`<p>${link('/seen', { days: '1' }, `${plural(failing.length, 'domain')} with failures`)}</p>`}
  ${before.length > 0 && html`<p class="soft">New: with no failure on the ${plural(DAYS_BEFORE, 'day')} before, as far as it was among the worst.</p>`}
  ${types.map((resultType) => foldedExplanation({ resultType, domain: mostConcerned(shown, resultType) }))}`;
}

/** The domain that has most of such failures. */
function mostConcerned(failing: readonly FailingDomain[], type: string): string {
  const sessionsIn = ({ failures }: FailingDomain): number =>
    failures.find(({ resultType }) => resultType === type)?.sessions ?? 0;
  return [...failing].sort((a, b) => sessionsIn(b) - sessionsIn(a))[0]?.domain ?? '';
}

function daysBeforeOf(seen: StateView['seen'], today: UtcDay): SeenDay[] {
  return Array.from({ length: DAYS_BEFORE }, (_, at) => seen.get(daysBefore(today, at + 1)) ?? []).flat();
}

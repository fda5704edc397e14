/**
 * What is found by a few letters: domains with failures, reporters, and a report by its report-id; and any domain by its whole name.
 */
import type { FoundReport } from '#pipeline/status/find-report.ts';
import { canonicalDomain, isDnsName } from '#tlsrpt/domain-name.ts';
import { link } from './elements.ts';
import type { Page } from './frame.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { failingSums } from './seen-sums.ts';
import type { StateView } from './state-memory.ts';

const MAX_LENGTH = 300;
const MOST_FOUND = 50;

export interface SearchFacts {
  readonly view: StateView;
  readonly sought: string;
  /** With the report-id that is sought. */
  readonly report: FoundReport | undefined;
}

/** What there is of the words of who searches that can be looked for. */
export function soughtIn(query: URLSearchParams): string {
  return (query.get('q') ?? '').trim().slice(0, MAX_LENGTH);
}

export function searchPage({ view, sought, report }: SearchFacts): Page {
  const name = canonicalDomain(sought);
  const failing =
    sought === '' ? [] : failingSums([...view.seen.values()]).filter(({ domain }) => domain.includes(name));
  const reporters = sought === '' ? [] : reportersNamed(view, sought.toLowerCase());
  const isNothing = failing.length + reporters.length === 0 && !report;
  const body = html`${sought === '' && html`<p>Write a domain, the beginning of one, a reporter or a report-id.</p>`}
  ${isDnsName(name) && html`<p>${link('/domain', { name }, html`The page of ${name}`)}</p>`}
  ${
    report &&
    html`<h2>Reports of ours</h2>
      <p>
        ${link('/report', { day: report.day, id: report.report.outgoing.reportId }, report.report.outgoing.reportId)}
        about ${report.report.outgoing.policyDomain}, ${report.day}
      </p>`
  }
  ${
    failing.length > 0 &&
    html`<h2>Domains with failures</h2>
      ${list(failing.slice(0, MOST_FOUND).map(({ domain }) => link('/domain', { name: domain }, domain)))}`
  }
  ${
    reporters.length > 0 &&
    html`<h2>Reporters about us</h2>
      ${list(reporters.slice(0, MOST_FOUND).map((reporter) => html`${reporter}`))}
      <p>${link('/heard', {}, 'What others saw of us')}</p>`
  }
  ${sought !== '' && isNothing && html`<p class="soft">No failure, no reporter and no report of that name.</p>`}`;
  return { title: sought === '' ? 'Search' : 'Found', sought, body };
}

function list(found: readonly Html[]): Html {
  return html`<ul>
    ${found.map((each) => html`<li>${each}</li>`)}
  </ul>`;
}

function reportersNamed({ heard }: StateView, sought: string): string[] {
  const names = [...heard.values()].flatMap(({ results }) =>
    results.map(({ organization, verifiedDomain }) => organization ?? verifiedDomain ?? ''),
  );
  return [...new Set(names)].filter((name) => name.toLowerCase().includes(sought)).sort();
}

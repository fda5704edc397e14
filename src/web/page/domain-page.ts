/**
 * One domain to which we sent mail: how its sessions fared, under which policies, and what became of our reports about it.
 */
import type { DomainSightings } from '#pipeline/status/domain-sightings.ts';
import { sumOf } from '#support/sum-of.ts';
import type { PolicyTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { count, facts, link, plural, share, table } from './elements.ts';
import type { Download } from './download.ts';
import { downloadLinks } from './download.ts';
import { explanation } from './explanation.ts';
import type { Page } from './frame.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { periodForm } from './period.ts';
import type { Period } from './period.ts';
import { plot } from './plot.ts';

export interface DomainFacts {
  /** Canonical. */
  readonly domain: string;
  readonly period: Period;
  readonly sightings: DomainSightings;
  /** Days that were not looked through, as they are too large for that. */
  readonly passedOver: readonly UtcDay[];
}

export function domainPage({ domain, period, sightings, passedOver }: DomainFacts): Page {
  const { days, policies, omittedPolicies, record, reports, problems } = sightings;
  const [successful, failed] = [sumOf(days.map((day) => day.successful)), sumOf(days.map((day) => day.failed))];
  const byDay = new Map(days.map((day) => [day.day, day]));
  const body = html`${periodForm('/domain', period, { name: domain })}
    ${passedOver.length > 0 && html`<p class="bad">Not looked through, as they are large and go on or are too many: ${passedOver.join(', ')}.</p>`}
    ${problems.map(({ code, message }) => html`<p class="bad">${code}: ${message}</p>`)}
    ${facts([
      ['Sessions', count(successful + failed)],
      ['Failed', html`${count(failed)} (${share(failed, successful + failed)})`],
      ['Days with sessions', count(days.length)],
    ])}
    ${
      days.length === 0
        ? html`<p class="soft">No session with it on these days.</p>`
        : plot({
            title: 'Sessions per day',
            days: period.days,
            series: [
              { name: 'succeeded', numbers: period.days.map((day) => byDay.get(day)?.successful ?? 0) },
              { name: 'failed', numbers: period.days.map((day) => byDay.get(day)?.failed ?? 0) },
            ],
          })
    }
    ${failuresOf(domain, policies)}
    <h2>Policies</h2>
    ${record !== undefined && html`<p>Its TLSRPT record, as the MTA passed it on last: <code>${record}</code></p>`}
    ${policies.map(policyOf)} ${policies.length === 0 && html`<p class="soft">None.</p>`}
    ${omittedPolicies > 0 && html`<p class="soft">And ${plural(omittedPolicies, 'more')} with fewer sessions.</p>`}
    <h2>Our reports about it</h2>
    ${reportsTable(reports)} ${downloadLinks('/domain', { name: domain, ...period.query })}`;
  return { title: domain, path: '/seen', body };
}

export function domainDownload({ domain, period, sightings }: DomainFacts): Download {
  return {
    name: `domain-${period.first}-${period.last}`,
    columns: ['day', 'domain', 'successful', 'failed', 'result-type', 'failures'],
    rows: sightings.days.flatMap(({ day, successful, failed, failures }) => [
      [day, domain, successful, failed, null, null],
      ...failures.map(({ resultType, sessions }) => [day, domain, null, null, resultType, sessions]),
    ]),
    json: { domain, first: period.first, last: period.last, ...sightings },
  };
}

function failuresOf(domain: string, policies: readonly PolicyTally[]): Html {
  const failures = policies.flatMap(({ policy, failures: ofPolicy }) =>
    ofPolicy.map((failure) => ({ policy, ...failure })),
  );
  const kinds = [
    ...new Map(
      failures.map(({ policy, details }) => [
        `${policy.type} ${details.resultType}`,
        { policyType: policy.type, resultType: details.resultType },
      ]),
    ).values(),
  ];
  return html`<h2>Failures</h2>
    ${table({
      caption: 'The most frequent failures, as the MTA described them',
      columns: [
        { name: 'Result type' },
        { name: 'Policy type' },
        { name: 'Sessions', isNumber: true },
        { name: 'Mail server' },
        { name: 'Its address' },
        { name: 'Our address' },
        { name: 'Reason' },
      ],
      rows: [...failures]
        .sort((a, b) => b.sessions - a.sessions)
        .map(({ policy, details, sessions }) => [
          details.resultType,
          policy.type,
          count(sessions),
          details.receivingMxHostname ?? '-',
          details.receivingIp ?? '-',
          details.sendingMtaIp ?? '-',
          [details.failureReasonCode, details.additionalInformation].filter((text) => text !== undefined).join('; ') ||
            '-',
        ]),
      empty: 'No failure was described.',
    })}
    ${kinds.map(
      ({ policyType, resultType }) =>
        html`<h3>${resultType} (${policyType})</h3>
          ${explanation({ resultType, policyType, domain })}`,
    )}`;
}

function policyOf({ policy, successful, failed }: PolicyTally): Html {
  const { type, domain, strings, mxHosts } = policy;
  return html`<h3>${type}${domain !== '' && html` of ${domain}`}</h3>
    <p>
      ${count(successful)} succeeded, ${count(failed)}
      failed${mxHosts.length > 0 && html`; MX hosts: ${mxHosts.join(', ')}`}
    </p>
    ${strings.length > 0 && html`<pre>${strings.join('\n')}</pre>`}`;
}

function reportsTable(reports: DomainSightings['reports']): Html {
  return table({
    caption: 'Deliveries, the last day first',
    columns: [{ name: 'Day' }, { name: 'Report' }, { name: 'To' }, { name: 'State' }, { name: 'Last answer' }],
    rows: reports.map(({ day, delivery: { reportId, destination, state, lastResult } }) => [
      day,
      link('/report', { day, id: reportId }, reportId),
      destination,
      state,
      lastResult ?? '-',
    ]),
    empty: 'None on these days.',
  });
}

/**
 * Which indices there are below a prefix, and how what is in them is to be searched.
 *
 * `PREFIX-days` has one note for each origin and day, `PREFIX-policies-DAY` the documents of one day, so that old days can be removed as indices.
 * Reporters that share their work have their leases in `PREFIX-leases`, and in `PREFIX-reports-DAY` the reports of one day with their deliveries.
 */
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export function notesIndex(prefix: string): string {
  return `${prefix}-days`;
}

export function policiesIndex(prefix: string, day: UtcDay): string {
  return `${prefix}-policies-${day}`;
}

export function leasesIndex(prefix: string): string {
  return `${prefix}-leases`;
}

export function reportsIndex(prefix: string, day: UtcDay): string {
  return `${prefix}-reports-${day}`;
}

/** Raised when the mapping changes; a template with this number is left as it is, so that an administrator can set shards and replicas there. */
export const TEMPLATE_VERSION = 1;

/** Longer terms are refused by Lucene; of those that are this long nothing is lost but that they can be searched for. */
const keyword = { type: 'keyword', ignore_above: 8_000 };
const count = { type: 'long' };
/** Kept, and never searched. */
const unsearched = { type: 'keyword', index: false, doc_values: false };

const failure = {
  'result-type': keyword,
  'sending-mta-ip': keyword,
  'receiving-mx-hostname': keyword,
  'receiving-mx-helo': keyword,
  'receiving-ip': keyword,
  'additional-information': keyword,
  'failure-reason-code': keyword,
  'failed-session-count': count,
};

const properties = {
  day: { type: 'date', format: 'strict_date' },
  origin: keyword,
  host: keyword,
  // of a document
  domain: keyword,
  record: unsearched,
  'policy-type': keyword,
  'policy-domain': keyword,
  'policy-string': unsearched,
  'mx-host': keyword,
  'total-successful-session-count': count,
  'total-failure-session-count': count,
  'failure-details': { type: 'nested', properties: failure },
  digest: keyword,
  // of a note
  closed: { type: 'boolean' },
  publication: count,
  published: count,
  documents: count,
  'left-out': unsearched,
  version: unsearched,
  'published-at': { type: 'date', format: 'epoch_second' },
};

/** For both kinds of indices. */
export function templateOf(prefix: string): object {
  return {
    index_patterns: [notesIndex(prefix), `${prefix}-policies-*`],
    priority: 200,
    _meta: { description: 'Made by tlsrpt publish.', version: TEMPLATE_VERSION },
    template: { mappings: { dynamic: false, properties } },
  };
}

const time = { type: 'date', format: 'epoch_millis' };

const sharedProperties = {
  day: { type: 'date', format: 'strict_date' },
  bucket: { type: 'short' },
  // of a lease
  epoch: count,
  holder: keyword,
  host: keyword,
  'lease-ms': count,
  renewals: count,
  'written-at': time,
  mark: keyword,
  waiting: count,
  'next-attempt-at': time,
  // of a report, and of a delivery
  kind: keyword,
  key: keyword,
  'policy-domain': keyword,
  'report-id': keyword,
  content: unsearched,
  destination: keyword,
  state: keyword,
  attempts: count,
  'first-attempt-at': time,
  'last-attempt-at': time,
  'last-result': unsearched,
};

/** Of what reporters share. */
export function sharedTemplateOf(prefix: string): object {
  return {
    index_patterns: [leasesIndex(prefix), `${prefix}-reports-*`],
    priority: 200,
    _meta: { description: 'Made by tlsrpt report --shared.', version: TEMPLATE_VERSION },
    template: { mappings: { dynamic: false, properties: sharedProperties } },
  };
}

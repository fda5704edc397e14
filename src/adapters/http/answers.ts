/**
 * What is answered over HTTP, in the shapes of Elasticsearch where its clients ask.
 */
import { randomBytes } from 'node:crypto';
import type { BulkItem } from './read-bulk.ts';
import type { PostedItem } from './posted-item.ts';
import type { PlacedItem } from './read-sessions.ts';

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Clients go by the major version: their requests for indexing documents have been the same since 7. */
const ELASTICSEARCH_VERSION = '8.19.0';
const ID_BYTES = 15;
/** That many are named in an answer. */
const MOST_NAMED = 100;
const RETRY_AFTER = { 'Retry-After': '1' };

export const refusals = {
  unauthorized: refusal(401, 'security_exception', 'missing or wrong credentials', {
    'WWW-Authenticate': 'Basic realm="tlsrpt", charset="UTF-8", Bearer',
  }),
  notFound: refusal(404, 'resource_not_found_exception', 'there is nothing at this path'),
  contentType: refusal(
    406,
    'media_type_header_exception',
    'Content-Type header is not supported; it must be application/json or application/x-ndjson',
  ),
  tooLarge: refusal(413, 'content_too_long_exception', 'the body is too large, or has too many documents'),
  contentEncoding: refusal(415, 'illegal_argument_exception', 'Content-Encoding is not supported'),
  full: refusal(429, 'es_rejected_execution_exception', 'there is no room for more now; try again', RETRY_AFTER),
  stopping: refusal(503, 'node_not_connected_exception', 'the collector is stopping; try again', RETRY_AFTER),
  late: refusal(503, 'process_cluster_event_timeout_exception', 'the disk takes too long; try again', RETRY_AFTER),
} as const;

export function methodNotAllowed(allowed: string): Answer {
  return refusal(405, 'illegal_argument_exception', `this path takes ${allowed} alone`, { Allow: allowed });
}

export function malformed(why: string): Answer {
  return refusal(400, 'illegal_argument_exception', why);
}

/** What clients ask for before they begin. */
export const greeting: Answer = {
  status: 200,
  body: {
    name: 'tlsrpt',
    cluster_name: 'tlsrpt',
    cluster_uuid: 'tlsrpt',
    version: {
      number: ELASTICSEARCH_VERSION,
      build_flavor: 'default',
      build_type: 'tlsrpt',
      minimum_wire_compatibility_version: '7.17.0',
      minimum_index_compatibility_version: '7.0.0',
    },
    tagline: 'You Know, for Search',
  },
};

export function documentAnswer(index: string, item: PostedItem): Answer {
  if (item.kind === 'unreadable')
    return refusal(400, 'document_parsing_exception', `[1:1] the document cannot be read: ${item.why}`);
  return { status: 201, body: created(index, idOf(item)) };
}

export function bulkAnswer(items: readonly BulkItem[], defaultIndex: string): Answer {
  const errors = items.some(({ item }) => item.kind === 'unreadable');
  return { status: 200, body: { took: 0, errors, items: items.map((item) => bulkItemAnswer(item, defaultIndex)) } };
}

function bulkItemAnswer({ action, index, id, item, line }: BulkItem, defaultIndex: string): object {
  const _index = index ?? defaultIndex;
  if (item.kind !== 'unreadable') return { [action]: { ...created(_index, id ?? idOf(item)), status: 201 } };
  const error = {
    type: 'document_parsing_exception',
    reason: `[${String(line)}:1] the document in line ${String(line)} cannot be read: ${item.why}`,
  };
  return { [action]: { _index, _id: id ?? null, status: 400, error } };
}

/** Of our own requests: the places of what does not count. */
export function sessionsAnswer(items: readonly PlacedItem[]): Answer {
  const refused = items.flatMap(({ at, item }) => (item.kind === 'unreadable' ? [{ at, reason: item.why }] : []));
  const accepted = items.length - refused.length;
  const status = refused.length === 0 ? 201 : accepted > 0 ? 200 : 400;
  return { status, body: { accepted, refused: refused.length, refusals: refused.slice(0, MOST_NAMED) } };
}

function created(index: string, id: string): object {
  return {
    _index: index,
    _id: id,
    _version: 1,
    result: 'created',
    _shards: { total: 1, successful: 1, failed: 0 },
    _seq_no: 0,
    _primary_term: 1,
  };
}

/** The same for what is posted again. */
function idOf(item: PostedItem): string {
  const receipt = item.kind === 'session' ? item.session.receipt : undefined;
  return (receipt ?? randomBytes(ID_BYTES)).toString('base64url', 0, ID_BYTES);
}

function refusal(status: number, type: string, reason: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body: { error: { root_cause: [{ type, reason }], type, reason }, status } };
}

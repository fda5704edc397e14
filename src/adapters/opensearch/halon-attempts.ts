/**
 * How attempts in Halon's documents are added up by the engine, and what a sum of them says.
 *
 * The names of the fields are those of Halon's script (halon-extras/tls-rpt). Texts have a subfield `keyword`, as both engines make it by themselves.
 */
import { z } from 'zod';
import type { SeenUnderPolicy } from '#tlsrpt/published-tally.ts';
import { readPolicyType } from '#tlsrpt/policy-type.ts';
import { readResultType } from '#tlsrpt/result-type.ts';

const SUCCESS = 'success';
/** Halon's word for an attempt that failed for reasons other than TLS, which counts for nothing. */
const NO_RESULT = 'none';
const PAGE_BUCKETS = 2_000;
/** An index that matches as well, and has nothing of Halon, need not know the field. */
const LATEST_FIRST = { timestamp: { order: 'desc', unmapped_type: 'long' } };

const always = ['policy-domain', 'policy-type', 'result-type'] as const;
const ifKnown = ['failure-reason-code', 'sending-mta-ip', 'receiving-mx-hostname', 'receiving-ip'] as const;

const known = z.string().nullable();
const keyShape = z.object({
  'policy-domain': z.string(),
  'policy-type': z.string(),
  'result-type': z.string(),
  'failure-reason-code': known,
  'sending-mta-ip': known,
  'receiving-mx-hostname': known,
  'receiving-ip': known,
});
/** One text stands for a list of one. */
const texts = z.union([z.array(z.string()), z.string().transform((text) => [text])]).catch([]);
const policyShape = z.object({ 'policy-string': texts, 'mx-host': texts });

const bucketShape = z.object({
  key: keyShape,
  doc_count: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  latest: z.object({ hits: z.object({ hits: z.array(z.object({ _source: policyShape })) }) }),
});

export const attemptsShape = z.object({
  timed_out: z.literal(false),
  _shards: z.object({ failed: z.literal(0) }),
  /** Missing where no index matches. */
  aggregations: z
    .object({ attempts: z.object({ after_key: keyShape.optional(), buckets: z.array(bucketShape) }) })
    .optional(),
});

/** Attempts that are alike in everything but the time and the policy. */
export type Attempts = z.output<typeof bucketShape>;

export interface AttemptsWish {
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  /** The last key of the page before. */
  readonly after: Attempts['key'] | undefined;
}

export function attemptsQuery({ fromMs, toMs, after }: AttemptsWish): object {
  const time = { range: { timestamp: { gte: fromMs, lt: toMs } } };
  const sources = [
    ...always.map((field) => ({ [field]: { terms: { field: `${field}.keyword` } } })),
    ...ifKnown.map((field) => ({ [field]: { terms: { field: `${field}.keyword`, missing_bucket: true } } })),
  ];
  return {
    size: 0,
    track_total_hits: false,
    query: { bool: { filter: [time], must_not: [{ term: { 'result-type.keyword': NO_RESULT } }] } },
    aggs: {
      attempts: {
        composite: { size: PAGE_BUCKETS, sources, ...(after && { after }) },
        aggs: {
          latest: { top_hits: { size: 1, sort: [LATEST_FIRST], _source: ['policy-string', 'mx-host'] } },
        },
      },
    },
  };
}

/** Undefined when nothing can be made of it. `policy-domain` is the recipient domain there, for each policy type. */
export function tallyOfAttempts({ key, doc_count: sessions, latest }: Attempts): SeenUnderPolicy | undefined {
  const [type, resultType] = [readPolicyType(key['policy-type']), readResultType(key['result-type'])];
  if (type === undefined || resultType === undefined) return undefined;
  const { 'policy-string': strings, 'mx-host': mxHosts } = latest.hits.hits[0]?._source ?? policyShape.parse({});
  const policy = { type, domain: key['policy-domain'], strings: withoutEmptyEnd(strings), mxHosts };
  const seen = { domain: key['policy-domain'], record: undefined };
  if (key['result-type'] === SUCCESS)
    return { ...seen, tally: { policy, successful: sessions, failed: 0, failures: [] } };
  const details = {
    resultType,
    sendingMtaIp: key['sending-mta-ip'] ?? undefined,
    receivingMxHostname: key['receiving-mx-hostname'] ?? undefined,
    receivingMxHelo: undefined,
    receivingIp: key['receiving-ip'] ?? undefined,
    additionalInformation: undefined,
    failureReasonCode: key['failure-reason-code'] ?? undefined,
  };
  return { ...seen, tally: { policy, successful: 0, failed: sessions, failures: [{ details, sessions }] } };
}

/** A policy file that ends with a newline is split into a last line that is empty. */
function withoutEmptyEnd(strings: readonly string[]): readonly string[] {
  return strings.at(-1) === '' ? strings.slice(0, -1) : strings;
}

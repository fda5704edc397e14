/**
 * Reads what Halon's script posts for Elasticsearch: one document for each attempt to deliver, as a datagram that says the same.
 *
 * No record is in it: it is looked up when the report is built. A type of policy that is not known is none, as in datagrams, and a result type
 * that is not known a `validation-failure`, with its name as the reason. An attempt that says nothing of TLS (`none`) counts for nothing.
 */
import { isObject, listOf, textOf } from './foreign-field.ts';
import type { JsonObject } from './foreign-field.ts';
import { isKnownResultType, libtlsrptCodeOf, readResultType } from './result-type.ts';

export type HalonReading =
  /** `happenedMs`: undefined where the document does not say when. */
  | { readonly kind: 'session'; readonly datagram: JsonObject; readonly happenedMs: number | undefined }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'unreadable'; readonly why: string };

const POLICY_TYPE_CODES: Readonly<Record<string, number>> = { tlsa: 1, sts: 2 };
const NO_POLICY_FOUND = 9;
const WITHOUT_TLS = 'none';

/** The datagram is still to be read, with the limits of datagrams. */
export function readHalonDocument(json: unknown): HalonReading {
  if (!isObject(json)) return { kind: 'unreadable', why: 'it is not a JSON object' };
  const resultType = json['result-type'] ?? WITHOUT_TLS;
  if (resultType === WITHOUT_TLS) return { kind: 'nothing' };
  const known = readResultType(resultType);
  if (known === undefined) return { kind: 'unreadable', why: 'its result-type is not the name of one' };
  const failure = known === 'success' ? undefined : failureOf(json, known);
  const datagram = {
    d: textOf(json['policy-domain']),
    policies: [
      {
        'policy-type': POLICY_TYPE_CODES[textOf(json['policy-type']) ?? ''] ?? NO_POLICY_FOUND,
        'policy-string': textsOf(json['policy-string']),
        'mx-host': textsOf(json['mx-host']),
        'failure-details': failure && [failure],
        f: failure ? 1 : 0,
      },
    ],
  };
  return { kind: 'session', datagram, happenedMs: timeOf(json['timestamp']) };
}

function failureOf(json: JsonObject, type: NonNullable<ReturnType<typeof readResultType>>): JsonObject {
  return {
    c: libtlsrptCodeOf(type),
    s: textOf(json['sending-mta-ip']),
    n: textOf(json['receiving-mx-hostname']),
    r: textOf(json['receiving-ip']),
    f: textOf(json['failure-reason-code']) ?? (isKnownResultType(type) ? undefined : type),
  };
}

/** Nothing but texts is taken over, so that whoever writes the datagram meets nothing deep. */
function textsOf(value: unknown): string[] {
  return listOf(value, (element) => (typeof element === 'string' ? element : undefined));
}

function timeOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

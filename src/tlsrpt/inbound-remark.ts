/**
 * What is odd about a report of others and was read all the same. Each oddity has a stable code, as docs/json.md promises.
 *
 * A report may repeat its oddity in each of its thousand failures, so equal ones are told once, with their number.
 */
export const remarkMeanings = {
  'address-form': 'an address is not written as RFC 5952 wants it',
  'address-unusable': 'what stands for an address is none',
  'byte-order-mark': 'the document begins with a byte order mark',
  'contact-form': 'the contact is not a bare mailbox',
  'count-as-text': 'a count is written as a text',
  'count-unusable': 'what stands for a count is none, and counts as 0',
  'date-form': 'a time is not written as RFC 3339 wants it',
  'date-range-reversed': 'the period ends before it begins',
  'date-without-zone': 'a time has no time zone, and is taken for UTC',
  'domain-form': 'a domain is not in A-labels and lower case',
  'domain-inferred': 'a policy names no domain; it is taken from around the report',
  'draft-form': 'the report has the form of a draft of before RFC 8460',
  'draft-result-type': 'a result type has the name of a draft',
  'ends-at-midnight': 'the period ends at the midnight after the day, not in its last second',
  'failures-without-details': 'more sessions failed than the details speak of',
  'gzip-members': 'the compressed file has several members',
  'gzip-torn': 'the compressed file is cut short or damaged behind the report',
  'helo-whole-reply': 'for the name of the greeting stands the whole reply of the server',
  'json-in-text': 'a text holds JSON',
  'list-cut': 'a list is longer than any that says something, and was cut',
  'list-expected': 'what should be a list is none',
  'media-type': 'the mail does not say of the report that it is one, or not in which form',
  'member-empty': 'a member is there and says nothing',
  'member-missing': 'a member is missing',
  'member-repeated': 'a member is there several times, and the last one counts',
  'member-type': 'a member has another type than it should',
  'member-unknown': 'a member is not known',
  'mx-host-prefixed': 'an MX pattern has the words of the policy around it',
  'not-one-day': 'the period is not one UTC day',
  'not-utf8': 'the document is not in UTF-8',
  'reason-missing': 'a failure that needs a reason has none',
  'report-id-cut': 'the report-id ends where a name should follow',
  'report-id-reused': 'a report with other content has the same report-id',
  'several-reports': 'there are several reports in one document',
  'text-cut': 'a text is longer than any that says something, and was cut',
  'trailing-content': 'something else follows behind the report',
  'unknown-policy-type': 'the policy type is not registered',
  'unknown-result-type': 'the result type is not registered',
} as const;

export type RemarkCode = keyof typeof remarkMeanings;

export interface Remark {
  readonly code: RemarkCode;
  /** The path of the member where it was found first, such as `policies[0].policy.mx-host`; empty for the document as a whole. */
  readonly where: string;
  /** In how many places of that kind. */
  readonly count: number;
}

/** No report has as many by mistake. */
const MOST_KINDS = 200;

export class Remarks {
  readonly #byKind = new Map<string, Counted>();

  add(code: RemarkCode, where = '', places = 1): void {
    const kind = `${code} ${where.replace(INDEX, '[]')}`;
    const known = this.#byKind.get(kind);
    if (known) known.count += places;
    else if (this.#byKind.size < MOST_KINDS) this.#byKind.set(kind, { code, where, count: places });
  }

  /** In the order in which each was found first. */
  all(): Remark[] {
    return Array.from(this.#byKind.values(), (remark) => ({ ...remark }));
  }
}

type Counted = { -readonly [Name in keyof Remark]: Remark[Name] };
const INDEX = /\[\d+\]/g;

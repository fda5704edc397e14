/**
 * What sys4's fetchers print: a list of domains for a day, and for each domain what was seen of it.
 *
 * The list is three header lines (version, time, latest complete day), one domain per line, and a dot. A domain is one JSON object,
 * `{"d": DOMAIN, "policies": {RECORD: {POLICY: {"cntrtotal", "cntrfailure", "failures": {FAILURE: n}}}}}`, in which POLICY and FAILURE are
 * JSON texts themselves. sys4's reporter tells policies and failures apart by their spelling, so what is printed is spelled as its own fetchers
 * spell it: as Python's json.dumps does, the keys in the order of the datagram. What is read is foreign: nothing here throws.
 */
import { formatPythonJson } from '#support/python/json.ts';
import { canonicalDomain, isUsableDomain } from '#tlsrpt/domain-name.ts';
import { failureJson, policyJson } from '#tlsrpt/datagram-json.ts';
import { isKnownPolicyType } from '#tlsrpt/policy-type.ts';
import { isKnownResultType } from '#tlsrpt/result-type.ts';
import { readSys4Tally, shownName } from './sys4-tally.ts';
import type { Sys4Reading } from './sys4-tally.ts';
import { mergePolicyTallies } from '#tlsrpt/tally.ts';
import type { DomainTally, FailureTally, PolicyTally } from '#tlsrpt/tally.ts';
import { parseUtcDay } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface DomainList {
  readonly latestCompleteDay: UtcDay;
  readonly domains: readonly string[];
}

export type DomainListReading =
  /** `unusable`: lines that are no domain names. They must not become arguments of a command. */
  | { readonly kind: 'list'; readonly list: DomainList; readonly unusable: readonly string[] }
  | { readonly kind: 'unreadable'; readonly why: string };

export type DomainReading =
  ({ readonly kind: 'tallies' } & Sys4Reading) | { readonly kind: 'unreadable'; readonly why: string };

type JsonObject = Readonly<Record<string, unknown>>;

const VERSION_LINE = 'TLSRPT FETCHER v1devel-c domain list';
const TIME = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;
const LETTERS_AND_DIGITS = /^[\p{L}\p{M}\p{N}._-]+$/u;
const END = '.';
const MAX_SHOWN_LENGTH = 80;

/** Names that are not domain names are left out: they could not be requested, and get no report. */
export function formatDomainList({ latestCompleteDay, domains }: DomainList, nowMs: number): string {
  const time = new Date(nowMs).toISOString().slice(0, 19).replace('T', ' ');
  return [VERSION_LINE, time, latestCompleteDay, ...domains.filter(isUsableDomain), END, ''].join('\n');
}

export function readDomainList(text: string): DomainListReading {
  const [version = '', time = '', complete = '', ...rest] = text.split(/\r?\n/);
  if (version !== VERSION_LINE) return unreadable(`its first line is not "${VERSION_LINE}" but "${shown(version)}"`);
  if (!TIME.test(time)) return unreadable(`its second line is no time but "${shown(time)}"`);
  const latestCompleteDay = parseUtcDay(complete);
  if (!latestCompleteDay) return unreadable(`its third line is no day but "${shown(complete)}"`);
  const end = rest.findLastIndex((line) => line !== '');
  if (rest[end] !== END) return unreadable('its list of domains does not end in a line with a dot');
  const names = [...new Set(rest.slice(0, end))]; // among them a dot, where a domain was seen under that name
  const requestable = new Set(names.filter(isRequestable));
  return {
    kind: 'list',
    list: { latestCompleteDay, domains: [...requestable] },
    unusable: names.filter((name) => !requestable.has(name)),
  };
}

/** sys4 keeps names as they came, so one may have U-labels; nothing that an option or a shell could be made of is let through. */
function isRequestable(name: string): boolean {
  return LETTERS_AND_DIGITS.test(name) && isUsableDomain(canonicalDomain(name));
}

/** One line. Sessions without a record are left out, since they lead to no report. */
export function formatDomain(domain: string, tallies: readonly DomainTally[]): string {
  const byRecord = tallies.flatMap(({ record, policies }) =>
    record === undefined ? [] : [[record, policiesJson(policies)] as const],
  );
  return `${formatPythonJson({ d: domain, policies: Object.fromEntries(byRecord) })}\n`;
}

export function readDomain(text: string, domain: string): DomainReading {
  const json = parseJson(text);
  if (!isObject(json) || !isObject(json['policies']))
    return unreadable(`what it says about ${domain} is no such object`);
  if (typeof json['d'] !== 'string' || canonicalDomain(json['d']) !== canonicalDomain(domain))
    return unreadable(`it was asked about ${domain} and answers about another domain`);
  const readings = Object.entries(json['policies']).flatMap(([record, policies]) =>
    isObject(policies)
      ? Object.entries(policies).map((entry) => readPolicy({ domain, record }, entry))
      : [leftOut(`policies of ${shownName(domain)} that are no JSON object`)],
  );
  return {
    kind: 'tallies',
    tallies: readings.flatMap((reading) => reading.tallies),
    leftOut: readings.flatMap((reading) => reading.leftOut),
  };
}

function policiesJson(policies: readonly PolicyTally[]): JsonObject {
  return Object.fromEntries(
    mergePolicyTallies(policies.map(withLibtlsrptTypes)).map(({ policy, successful, failed, failures }) => [
      formatPythonJson(policyJson(policy)),
      {
        cntrtotal: successful + failed,
        cntrfailure: failed,
        failures: Object.fromEntries(
          failures.map(({ details, sessions }) => [formatPythonJson(failureJson(details)), sessions]),
        ),
      },
    ]),
  );
}

/** The protocol has numbers for what libtlsrpt knows. Done before adding up, since two types may become the same. */
function withLibtlsrptTypes(tally: PolicyTally): PolicyTally {
  const type = isKnownPolicyType(tally.policy.type) ? tally.policy.type : 'no-policy-found';
  return { ...tally, policy: { ...tally.policy, type }, failures: tally.failures.map(withLibtlsrptResultType) };
}

function withLibtlsrptResultType({ details, sessions }: FailureTally): FailureTally {
  if (isKnownResultType(details.resultType)) return { details, sessions };
  const failureReasonCode = details.failureReasonCode ?? details.resultType;
  return { details: { ...details, resultType: 'validation-failure', failureReasonCode }, sessions };
}

function readPolicy(
  about: { readonly domain: string; readonly record: string },
  [policy, counts]: readonly [string, unknown],
): Sys4Reading {
  if (!isObject(counts)) return leftOut(`a policy of ${shownName(about.domain)} without counts`);
  const { cntrtotal: total, cntrfailure: failed, failures } = counts;
  return readSys4Tally({
    ...about,
    policy,
    total,
    failed,
    failures: isObject(failures) ? Object.entries(failures) : [],
  });
}

function leftOut(what: string): Sys4Reading {
  return { tallies: [], leftOut: [what] };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(line: string): string {
  return line.length > MAX_SHOWN_LENGTH ? `${line.slice(0, MAX_SHOWN_LENGTH)}...` : line;
}

function unreadable(why: string): { readonly kind: 'unreadable'; readonly why: string } {
  return { kind: 'unreadable', why };
}

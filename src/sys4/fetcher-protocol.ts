/**
 * What sys4's fetchers print: a list of domains for a day, and for each domain what was seen of it.
 *
 * The list is three header lines (version, time, latest complete day), one domain per line, and a dot. A domain is one JSON object,
 * `{"d": DOMAIN, "policies": {RECORD: {POLICY: {"cntrtotal", "cntrfailure", "failures": {FAILURE: n}}}}}`, in which POLICY and FAILURE are
 * JSON texts themselves. sys4's reporter tells policies and failures apart by their spelling, so what is printed is spelled as its own fetchers
 * spell it: as Python's json.dumps does, the keys in the order of the datagram. What is read is foreign: whatever it is, nothing here throws,
 * and long as it may be, others have their turn meanwhile. Reading ends with the reason of `signal` once that aborts.
 */
import { givingTurns } from '#support/giving-turns.ts';
import { formatPythonJson } from '#support/python/json.ts';
import { canonicalDomain, isUsableDomain } from '#tlsrpt/domain-name.ts';
import { isObject, parseObject } from '#tlsrpt/foreign-field.ts';
import type { JsonObject } from '#tlsrpt/foreign-field.ts';
import { failureJson, policyJson } from '#tlsrpt/datagram-json.ts';
import { servedTally } from '#tlsrpt/served-tally.ts';
import { isPolicyDomain, nothingBut, readSys4Tally, shownName } from './sys4-tally.ts';
import type { Sys4Reading } from './sys4-tally.ts';
import type { DomainTally, PolicyTally } from '#tlsrpt/tally.ts';
import { parseUtcDay } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface DomainList {
  readonly latestCompleteDay: UtcDay;
  readonly domains: readonly string[];
}

export type DomainListReading =
  | {
      readonly kind: 'list';
      readonly list: DomainList;
      /** Lines that are no domain names. They must not become arguments of a command. */
      readonly unusable: readonly string[];
      /** What the clock of its host says. */
      readonly hostMs: number;
    }
  | { readonly kind: 'unreadable'; readonly why: string };

export type DomainReading =
  ({ readonly kind: 'tallies' } & Sys4Reading) | { readonly kind: 'unreadable'; readonly why: string };

const VERSION_LINE = 'TLSRPT FETCHER v1devel-c domain list';
const TIME = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;
const END = '.';
const MAX_SHOWN_LENGTH = 80;
/** As many as a day may have policies. */
const MAX_LINES = 2_000_000;
/** IDNA takes its time for each name, and a policy may have a thousand failures. */
const NAMES_PER_TURN = 500;
const POLICIES_PER_TURN = 10;

/** Names that are not domain names are left out: they could not be requested, and get no report. */
export function formatDomainList({ latestCompleteDay, domains }: DomainList, nowMs: number): string {
  const time = new Date(nowMs).toISOString().slice(0, 19).replace('T', ' ');
  return [VERSION_LINE, time, latestCompleteDay, ...domains.filter(isUsableDomain), END, ''].join('\n');
}

export async function readDomainList(text: string, signal?: AbortSignal): Promise<DomainListReading> {
  const lines = linesOf(text);
  const [version, time, complete] = [nextOf(lines), nextOf(lines), nextOf(lines)];
  if (version !== VERSION_LINE) return unreadable(`its first line is not "${VERSION_LINE}" but "${shown(version)}"`);
  const hostMs = TIME.test(time) ? Date.parse(`${time.replace(' ', 'T')}Z`) : NaN;
  if (Number.isNaN(hostMs)) return unreadable(`its second line is no time but "${shown(time)}"`);
  const latestCompleteDay = parseUtcDay(complete);
  if (!latestCompleteDay) return unreadable(`its third line is no day but "${shown(complete)}"`);
  const reading = await readNames(lines, signal);
  if (reading.kind === 'unreadable') return reading;
  const { domains, unusable } = reading;
  return { kind: 'list', list: { latestCompleteDay, domains: [...domains] }, unusable: [...unusable], hostMs };
}

type NamesReading =
  | { readonly kind: 'names'; readonly domains: ReadonlySet<string>; readonly unusable: ReadonlySet<string> }
  | { readonly kind: 'unreadable'; readonly why: string };

/** A dot ends the list where nothing but blank lines follows; elsewhere it is a name under which a domain was seen. */
async function readNames(lines: Iterable<string>, signal: AbortSignal | undefined): Promise<NamesReading> {
  const [domains, unusable] = [new Set<string>(), new Set<string>()];
  let read = 0;
  /** A dot, and blank lines behind it. */
  let end: string[] = [];
  for await (const line of givingTurns(lines, { valuesPerTurn: NAMES_PER_TURN, signal })) {
    if ((read += 1) > MAX_LINES) return unreadable('its list has more lines than a day can have domains');
    if (line === END || (line === '' && end.length > 0)) {
      end.push(line);
    } else {
      for (const name of [...end, line]) (isPolicyDomain(name) ? domains : unusable).add(name);
      end = [];
    }
  }
  return end.length > 0
    ? { kind: 'names', domains, unusable }
    : unreadable('its list of domains does not end in a line with a dot');
}

function* linesOf(text: string): Generator<string, undefined> {
  for (let start = 0; start <= text.length;) {
    const end = text.indexOf('\n', start);
    yield text.slice(start, end < 0 ? text.length : end).replace(/\r$/, '');
    start = end < 0 ? text.length + 1 : end + 1;
  }
}

/** Empty at the end. */
function nextOf(lines: Generator<string, undefined>): string {
  return lines.next().value ?? '';
}

/** One line. Sessions without a record are left out, since they lead to no report. */
export function formatDomain(domain: string, tallies: readonly DomainTally[]): string {
  const served = tallies.map(servedTally).filter((tally) => tally !== undefined);
  const byRecord = served.map(({ record, policies }) => [record, policiesJson(policies)] as const);
  return `${formatPythonJson({ d: domain, policies: Object.fromEntries(byRecord) })}\n`;
}

export async function readDomain(text: string, domain: string, signal?: AbortSignal): Promise<DomainReading> {
  const json = parseObject(text);
  if (!json || !isObject(json['policies'])) return unreadable(`what it says about ${domain} is no such object`);
  if (typeof json['d'] !== 'string' || canonicalDomain(json['d']) !== canonicalDomain(domain))
    return unreadable(`it was asked about ${domain} and answers about another domain`);
  const counted: DomainTally[] = [];
  const unread: string[] = [];
  const entries = policyEntriesOf(json['policies']);
  for await (const { record, entry } of givingTurns(entries, { valuesPerTurn: POLICIES_PER_TURN, signal })) {
    const { tallies, leftOut: rest } = entry
      ? readPolicy({ domain, record }, entry)
      : nothingBut(`policies of ${shownName(domain)} that are no JSON object`);
    counted.push(...tallies);
    unread.push(...rest);
  }
  return { kind: 'tallies', tallies: counted, leftOut: unread };
}

/** Without an entry for a record that has none. */
function* policyEntriesOf(byRecord: JsonObject): Generator<{ record: string; entry: [string, unknown] | undefined }> {
  for (const [record, policies] of Object.entries(byRecord)) {
    if (!isObject(policies)) yield { record, entry: undefined };
    else for (const entry of Object.entries(policies)) yield { record, entry };
  }
}

function policiesJson(policies: readonly PolicyTally[]): JsonObject {
  return Object.fromEntries(
    policies.map(({ policy, successful, failed, failures }) => [
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

function readPolicy(
  about: { readonly domain: string; readonly record: string },
  [policy, counts]: readonly [string, unknown],
): Sys4Reading {
  if (!isObject(counts)) return nothingBut(`a policy of ${shownName(about.domain)} without counts`);
  const { cntrtotal: total, cntrfailure: failed, failures } = counts;
  return readSys4Tally({
    ...about,
    policy,
    total,
    failed,
    failures: isObject(failures) ? Object.entries(failures) : [],
  });
}

function shown(line: string): string {
  return line.length > MAX_SHOWN_LENGTH ? `${line.slice(0, MAX_SHOWN_LENGTH)}...` : line;
}

function unreadable(why: string): { readonly kind: 'unreadable'; readonly why: string } {
  return { kind: 'unreadable', why };
}

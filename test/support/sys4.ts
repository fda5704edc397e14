/**
 * What sys4's programs do, written from the description of their formats alone: a collector that adds up datagrams, a fetcher that prints
 * it, a database that holds it, and a reader of what a fetcher prints.
 */
import { spawnSync } from 'node:child_process';
import initSqlJs from 'sql.js';
import { readDatagram } from '#tlsrpt/datagram.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface Sys4Count {
  cntrtotal: number;
  cntrfailure: number;
  failures: Record<string, number>;
}

/** By domain, record and policy. */
export type Sys4Tally = Map<string, Map<string, Map<string, Sys4Count>>>;

interface Datagram {
  readonly d: string;
  readonly pr?: string;
  readonly policies: readonly Record<string, unknown>[];
}

export const VERSION_LINE = 'TLSRPT FETCHER v1devel-c domain list';

export function sys4Collect(datagrams: readonly Buffer[]): Sys4Tally {
  const tally: Sys4Tally = new Map();
  for (const bytes of datagrams) {
    const { d, pr = '', policies } = JSON.parse(bytes.toString('utf8')) as Datagram;
    for (const { f, 'failure-details': details = [], ...rest } of policies) {
      const policy = Object.fromEntries(Object.entries(rest).filter(([key]) => key !== 't'));
      const failures = (details as unknown[]).map((failure) => JSON.stringify(failure));
      const records = entryOf(
        tally,
        d.toLowerCase().replace(/\.$/, ''),
        () => new Map<string, Map<string, Sys4Count>>(),
      );
      const counts = entryOf(records, pr, () => new Map<string, Sys4Count>());
      const empty = (): Sys4Count => ({ cntrtotal: 0, cntrfailure: 0, failures: {} });
      const count = entryOf(counts, JSON.stringify(policy), empty);
      count.cntrtotal += 1;
      if (f !== 0) count.cntrfailure += 1;
      for (const failure of failures) count.failures[failure] = (count.failures[failure] ?? 0) + 1;
    }
  }
  return tally;
}

/** What stands under mode none beside no policy at all is one session here; sys4's programs count each policy. */
export function isCountedAlike(bytes: Buffer): boolean {
  const reading = readDatagram(bytes);
  if (reading.kind === 'unreadable') return false;
  const { policies } = JSON.parse(bytes.toString()) as { policies: unknown[] };
  return reading.session.outcomes.length === policies.length;
}

export function sys4List(tally: Sys4Tally, latestCompleteDay: string): string {
  return [VERSION_LINE, '2026-11-20 00:10:00', latestCompleteDay, ...tally.keys(), '.', ''].join('\n');
}

export function sys4Domain(tally: Sys4Tally, domain: string): string {
  const records = [...(tally.get(domain) ?? [])].map(([record, counts]) => [record, Object.fromEntries(counts)]);
  return `${JSON.stringify({ d: domain, policies: Object.fromEntries(records) as unknown })}\n`;
}

export interface Sys4Wish {
  readonly day: UtcDay;
  readonly complete?: boolean;
}

export async function sys4Database(tally: Sys4Tally, { day, complete = true }: Sys4Wish): Promise<Uint8Array> {
  const { Database } = await initSqlJs();
  const database = new Database();
  database.run(`
    CREATE TABLE finalresults (day, domain, tlsrptrecord, policy, cntrtotal, cntrfailure, its);
    CREATE TABLE failures (day, domain, tlsrptrecord, policy, reason, cntr);
    CREATE TABLE daystatus (daycomplete, its);
    CREATE TABLE dbversion (version, installdate, purpose);
    INSERT INTO dbversion VALUES (1, '2026-01-01 00:00:00', 'TLSRPT-Collectd-DB-devel-2024-10-28')`);
  if (complete) database.run('INSERT INTO daystatus VALUES (?, ?)', [day, '2026-11-20 00:00:01']);
  for (const { key, count } of rowsOf(tally)) {
    const { cntrtotal, cntrfailure, failures } = count;
    database.run('INSERT INTO finalresults VALUES (?, ?, ?, ?, ?, ?, ?)', [day, ...key, cntrtotal, cntrfailure, 'now']);
    for (const [failure, sessions] of Object.entries(failures))
      database.run('INSERT INTO failures VALUES (?, ?, ?, ?, ?, ?)', [day, ...key, failure, sessions]);
  }
  const content = database.export();
  database.close();
  return content;
}

export interface Sys4Reading {
  readonly latestCompleteDay: string;
  readonly domains: readonly string[];
}

/** As reportd reads a list; throws when it is not of the described form. */
export function readSys4List(text: string): Sys4Reading {
  const lines = text.split('\n');
  const [version, time = '', latestCompleteDay = '', ...rest] = lines;
  if (version !== VERSION_LINE) throw new Error(`the version is ${version ?? 'missing'}`);
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(time)) throw new Error(`the time is ${time}`);
  if (!/^\d{4}-\d\d-\d\d$/.test(latestCompleteDay)) throw new Error(`the day is ${latestCompleteDay}`);
  const dot = rest.indexOf('.');
  if (dot < 0 || rest.slice(dot + 1).join('') !== '') throw new Error('the list does not end in a dot');
  return { latestCompleteDay, domains: rest.slice(0, dot) };
}

/** As reportd reads a domain, each policy and failure with its text taken apart. */
export function readSys4Domain(text: string): {
  d: string;
  policies: { record: string; policy: Record<string, unknown>; count: Sys4Count; failures: [unknown, number][] }[];
} {
  const { d, policies } = JSON.parse(text) as { d: string; policies: Record<string, Record<string, Sys4Count>> };
  return {
    d,
    policies: Object.entries(policies).flatMap(([record, counts]) =>
      Object.entries(counts).map(([policy, count]) => ({
        record,
        policy: JSON.parse(policy) as Record<string, unknown>,
        count,
        failures: Object.entries(count.failures).map(([failure, n]): [unknown, number] => [JSON.parse(failure), n]),
      })),
    ),
  };
}

/** What sys4's reportd runs: the fetcher's command with a day, and a domain, added. */
export function runFetcher(command: readonly [string, ...string[]], ...words: readonly string[]): string {
  const [program, ...first] = command;
  const { stdout, stderr, status } = spawnSync(program, [...first, ...words], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the fetcher ended with ${String(status)}: ${stderr}`);
  return stdout;
}

function rowsOf(tally: Sys4Tally): { key: [domain: string, record: string, policy: string]; count: Sys4Count }[] {
  return [...tally].flatMap(([domain, records]) =>
    [...records].flatMap(([record, counts]) =>
      [...counts].map(([policy, count]) => ({ key: [domain, record, policy] as [string, string, string], count })),
    ),
  );
}

function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

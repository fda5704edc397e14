/**
 * Where sys4's programs keep what they have, by their configuration.
 *
 * What is configured and not there is named: a path that is mistyped must not pass for a program that has nothing.
 */
import { isThere } from '#support/is-there.ts';
import { withoutCredentials } from '../configuration/hide-credentials.ts';
import { contextOf, judged, judgedFetchers, judgeFetcher, onHost } from '../configuration/judge-fetcher.ts';
import type { FetcherKnowledge, JudgedFetcher, Judgement } from '../configuration/judge-fetcher.ts';
import { absolute, isSameDatabase, sqlitePaths } from '../configuration/storage-path.ts';
import type { ForeignKey } from '../configuration/read-foreign.ts';
import type { ForeignContext } from '../configuration/translation.ts';

export interface Sys4Installation {
  /** The collector's databases that are there: the one of yesterday, and the one that it wrote to. */
  readonly collected: readonly string[];
  /** The reporter's database; undefined when there is none. */
  readonly reportd: string | undefined;
  /** The old reporter's, each with what is known of it. */
  readonly fetchers: readonly JudgedFetcher[];
  /** Sources of ours, in the same way. */
  readonly sources: readonly JudgedSource[];
  /** What of it is not there, as phrases: `/var/lib/x.sqlite (storage), which is not there`. */
  readonly missing: readonly string[];
}

/** One of our own configuration, which may have taken the place of the reporter's before. */
export type OurSource = { readonly name: string } & (
  | { readonly kind: 'path'; readonly path: string; readonly isDatabase: boolean }
  | { readonly kind: 'sftp'; readonly location: { readonly host: string }; readonly isDatabase: boolean }
  | { readonly kind: 'engine' }
  | { readonly kind: 'command'; readonly words: readonly string[] }
);

export interface JudgedSource extends JudgedFetcher {
  /** By which fetch knows it. */
  readonly name: string;
}

interface Surroundings extends Omit<FetcherKnowledge, 'isMove'> {
  readonly sources?: readonly OurSource[];
}

/** What is moved, by program, and the sections by which one of them is found. */
const MOVED = { 'tlsrpt-collectd': ['tlsrpt_collectd', 'tlsrpt_fetcher'], 'tlsrpt-reportd': ['tlsrpt_reportd'] };

export function findInstallation(
  keys: readonly ForeignKey[],
  { sources = [], ...knowledge }: Surroundings = {},
): Sys4Installation {
  const collector = collectorDatabase(keys);
  const context = contextOf(keys, { ...knowledge, isMove: true });
  const reportd = reportdDatabase(keys);
  return {
    collected: collector.path === undefined ? [] : [`${collector.path}.yesterday`, collector.path].filter(isThere),
    reportd: reportd.path !== undefined && isThere(reportd.path) ? reportd.path : undefined,
    fetchers: judgedFetchers(keys, context),
    sources: sources.map((source) => judgeSource(source, collector.path, context)),
    missing: [collector.missing, otherDatabase(keys), reportd.missing].filter((phrase) => phrase !== undefined),
  };
}

/** Programs of which nothing is known: they may run on another host, or by a file that was not read. */
export function unconfiguredPrograms(keys: readonly ForeignKey[]): string[] {
  return Object.entries(MOVED).flatMap(([program, sections]) => (hasAny(keys, sections) ? [] : [program]));
}

function judgeSource(source: OurSource, moved: string | undefined, context: ForeignContext): JudgedSource {
  const { name } = source;
  if (source.kind === 'command') return { name, ...judgeFetcher(source.words, context) };
  return { name, words: [name], ...judged([name], context, () => ofFile(source, moved, context)) };
}

/** The database itself may be a source. A state directory says by its identity whose it is. */
function ofFile(
  source: Exclude<OurSource, { kind: 'command' }>,
  moved: string | undefined,
  context: ForeignContext,
): Judgement {
  if (source.kind === 'engine') return { reads: 'other', why: 'it is a search engine, which has days of this program' };
  if (!source.isDatabase) return { reads: 'other', why: 'it is a state directory' };
  if (source.kind === 'sftp') return onHost(source.location.host, context);
  const isMoved = moved !== undefined && isSameDatabase(source.path.replace(/\.yesterday$/, ''), moved);
  return isMoved
    ? { reads: 'own', why: 'it is the database that is moved' }
    : { reads: 'other', why: 'it is not the database that is moved' };
}

interface Location {
  /** Undefined when it is not on this host. */
  readonly path?: string;
  readonly missing?: string;
}

/** Where the collector's section has none, its fetcher names it. */
function collectorDatabase(keys: readonly ForeignKey[]): Location {
  const sections = MOVED['tlsrpt-collectd'];
  const storage = valueOf(keys, sections, 'storage');
  if (storage === undefined) return unset(keys, sections, 'storage');
  const [path] = sqlitePaths(storage);
  if (path === undefined) return { missing: `storage = ${withoutCredentials(storage)}, which is no sqlite:///PATH` };
  return [path, `${path}.yesterday`].some(isThere) ? { path } : notThere(path, 'storage');
}

/** That of another collector on this host. */
function otherDatabase(keys: readonly ForeignKey[]): string | undefined {
  const [ofCollector, ofFetcher] = ['tlsrpt_collectd', 'tlsrpt_fetcher'].map((section) =>
    valueOf(keys, [section], 'storage'),
  );
  const [path] = sqlitePaths(ofFetcher ?? '');
  if (ofCollector === undefined || path === undefined) return undefined;
  if (sqlitePaths(ofCollector).some((one) => isSameDatabase(one, path))) return undefined;
  return `${path} (storage in [tlsrpt_fetcher]), which is not the database in [tlsrpt_collectd]`;
}

function reportdDatabase(keys: readonly ForeignKey[]): Location {
  const sections = MOVED['tlsrpt-reportd'];
  const name = valueOf(keys, sections, 'dbname');
  if (name === undefined) return unset(keys, sections, 'dbname');
  const path = absolute(name);
  return isThere(path) ? { path } : notThere(path, 'dbname');
}

/** Where a program is configured without it, its command line may say where. */
function unset(keys: readonly ForeignKey[], sections: readonly string[], key: string): Location {
  return hasAny(keys, sections) ? { missing: `${key}, which is not set` } : {};
}

function hasAny(keys: readonly ForeignKey[], sections: readonly string[]): boolean {
  return keys.some(({ section }) => sections.includes(section));
}

function notThere(path: string, key: string): Location {
  return { missing: `${path} (${key}), which is not there` };
}

function valueOf(keys: readonly ForeignKey[], sections: readonly string[], key: string): string | undefined {
  const named = sections.map((section) => keys.find((one) => one.section === section && one.key === key)?.value);
  return named.find((value) => value !== undefined);
}

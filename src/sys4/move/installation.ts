/**
 * Where sys4's programs keep what they have, by their configuration.
 *
 * What is configured and not there is named: a path that is mistyped must not pass for a program that has nothing.
 */
import { isThere } from '#support/is-there.ts';
import { withoutCredentials } from '../configuration/hide-credentials.ts';
import { contextOf, ownFetchers } from '../configuration/translate-fetchers.ts';
import type { ForeignKey } from '../configuration/read-foreign.ts';

export interface Sys4Installation {
  /** The collector's databases that are there: the one of yesterday, and the one that it wrote to. */
  readonly collected: readonly string[];
  /** The reporter's database; undefined when there is none. */
  readonly reportd: string | undefined;
  /** The commands by which a reporter, theirs or ours, read this host's own collector. */
  readonly ownFetchers: readonly string[];
  /** What of it is not there, as phrases: `/var/lib/x.sqlite (storage), which is not there`. */
  readonly missing: readonly string[];
}

/** `sources` are those of our own configuration, which may have taken the place of the reporter's before. */
export function findInstallation(keys: readonly ForeignKey[], sources: readonly string[] = []): Sys4Installation {
  const collector = collectorDatabase(keys);
  const reportd = reportdDatabase(keys);
  return {
    collected: collector.path === undefined ? [] : [`${collector.path}.yesterday`, collector.path].filter(isThere),
    reportd: reportd.path !== undefined && isThere(reportd.path) ? reportd.path : undefined,
    ownFetchers: ownFetchersIn(keys, sources),
    missing: [collector.missing, reportd.missing].filter((phrase) => phrase !== undefined),
  };
}

interface Location {
  /** Undefined when it is not on this host. */
  readonly path?: string;
  readonly missing?: string;
}

function collectorDatabase(keys: readonly ForeignKey[]): Location {
  const sections = ['tlsrpt_collectd', 'tlsrpt_fetcher'];
  const storage = valueOf(keys, sections, 'storage');
  if (storage === undefined) return unset(keys, sections, 'storage');
  const path = storage
    .split(',')
    .map(sqlitePath)
    .find((one) => one !== undefined);
  if (path === undefined) return { missing: `storage = ${withoutCredentials(storage)}, which is no sqlite:///PATH` };
  return [path, `${path}.yesterday`].some(isThere) ? { path } : notThere(path, 'storage');
}

function reportdDatabase(keys: readonly ForeignKey[]): Location {
  const sections = ['tlsrpt_reportd'];
  const name = valueOf(keys, sections, 'dbname');
  if (name === undefined) return unset(keys, sections, 'dbname');
  const path = absolute(name);
  return isThere(path) ? { path } : notThere(path, 'dbname');
}

/** Where a program is configured without it, its command line may say where. */
function unset(keys: readonly ForeignKey[], sections: readonly string[], key: string): Location {
  return keys.some(({ section }) => sections.includes(section)) ? { missing: `${key}, which is not set` } : {};
}

function notThere(path: string, key: string): Location {
  return { missing: `${path} (${key}), which is not there` };
}

function ownFetchersIn(keys: readonly ForeignKey[], sources: readonly string[]): readonly string[] {
  const fetchers = [valueOf(keys, ['tlsrpt_reportd'], 'fetchers') ?? '', ...sources].join('\n');
  return ownFetchers(fetchers, contextOf(keys, { isMove: true }));
}

function valueOf(keys: readonly ForeignKey[], sections: readonly string[], key: string): string | undefined {
  const named = sections.map((section) => keys.find((one) => one.section === section && one.key === key)?.value);
  return named.find((value) => value !== undefined);
}

/** As Python takes the path out of a URL: `sqlite:///var/lib/x.sqlite`, `sqlite:/...` and `sqlite://host/...` name the same file. */
function sqlitePath(storage: string): string | undefined {
  const [, path] = /^\s*sqlite:(?:\/\/[^/?#]*)?([^?#]+)/i.exec(decoded(storage)) ?? [];
  return path === undefined ? undefined : absolute(path.trim());
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

/** sys4's programs put `/` before a path that has none. */
function absolute(path: string): string {
  return path.replace(/^\/*/, '/');
}

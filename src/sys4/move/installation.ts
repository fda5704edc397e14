/**
 * Where sys4's programs keep what they have, by their configuration.
 */
import { existsSync } from 'node:fs';
import type { ForeignKey } from '../configuration/read-foreign.ts';

export interface Sys4Installation {
  /** The collector's databases that are there: the one of yesterday, and the one that it wrote to. */
  readonly collected: readonly string[];
  /** The reporter's database; undefined when there is none. */
  readonly reportd: string | undefined;
}

export function findInstallation(keys: readonly ForeignKey[]): Sys4Installation {
  const storage = valueOf(keys, 'tlsrpt_collectd', 'storage') ?? valueOf(keys, 'tlsrpt_fetcher', 'storage') ?? '';
  const path = sqlitePath(storage);
  const reportd = valueOf(keys, 'tlsrpt_reportd', 'dbname');
  return {
    collected: path === undefined ? [] : [`${path}.yesterday`, path].filter((one) => existsSync(one)),
    reportd: reportd !== undefined && existsSync(reportd) ? reportd : undefined,
  };
}

function valueOf(keys: readonly ForeignKey[], section: string, key: string): string | undefined {
  return keys.find((one) => one.section === section && one.key === key)?.value;
}

/** Of `sqlite:///var/lib/x.sqlite`, of which there may be several with commas between; its reader uses the first. */
function sqlitePath(storage: string): string | undefined {
  const [, path] = /(?:^|,)\s*sqlite:\/\/(\/[^,?]*)/.exec(storage) ?? [];
  return path?.replace(/^\/+/, '/');
}

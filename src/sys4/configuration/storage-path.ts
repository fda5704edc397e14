/**
 * Where a database of sys4's is, by the URL of its `storage`.
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';

/** As Python takes the path out of a URL: `sqlite:///var/lib/x.sqlite`, `sqlite:/...` and `sqlite://host/...` name the same file. */
export function sqlitePath(storage: string): string | undefined {
  const [, path] = /^\s*sqlite:(?:\/\/[^/?#]*)?([^?#]+)/i.exec(decoded(storage)) ?? [];
  return path === undefined ? undefined : absolute(path.trim());
}

/** Those of a list of storages that are files. */
export function sqlitePaths(storages: string): string[] {
  return storages
    .split(',')
    .map(sqlitePath)
    .filter((path) => path !== undefined);
}

/** sys4's programs put `/` before a path that has none. */
export function absolute(path: string): string {
  return path.replace(/^\/*/, '/');
}

/** Whether two paths lead to one database, or to one of yesterday. */
export function isSameDatabase(one: string, other: string): boolean {
  if (resolve(one) === resolve(other)) return true;
  return ['', '.yesterday'].some((suffix) => {
    const [first, second] = [fileAt(`${one}${suffix}`), fileAt(`${other}${suffix}`)];
    return first !== undefined && first === second;
  });
}

/** By device and inode; undefined where nobody may look. */
function fileAt(path: string): string | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats && `${String(stats.dev)} ${String(stats.ino)}`;
  } catch {
    return undefined;
  }
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

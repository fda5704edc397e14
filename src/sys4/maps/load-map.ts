/**
 * Reads a destination map: a text file with one entry on each line, `PATTERN ACTION [ARGUMENTS]`, and `#` before a comment.
 *
 * The first entry that matches decides, so their order is kept. All that is wrong in the file is listed at once, each with its line.
 */
import { readFileSync } from 'node:fs';
import { errnoOf, messageOf } from '#support/problem.ts';
import type { MapEntry } from '#pipeline/report/map-destinations.ts';
import { parseEntry } from './parse-entry.ts';

export interface LoadedMap {
  readonly entries: readonly MapEntry[];
  /** `/etc/tlsrpt/record.map:3: ...` */
  readonly problems: readonly string[];
}

export function loadMap(path: string): LoadedMap {
  try {
    return parseMap(readFileSync(path, 'utf8'), path);
  } catch (error) {
    return { entries: [], problems: [`${path}: it cannot be read (${errnoOf(error) ?? messageOf(error)})`] };
  }
}

/** `path` is where it is, or is to be. */
export function parseMap(content: string, path: string): LoadedMap {
  const entries: MapEntry[] = [];
  const problems: string[] = [];
  content.split(/\r?\n/).forEach((line, index) => {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) return;
    const where = `${path}:${String(index + 1)}`;
    const reading = parseEntry(text);
    if (reading.kind === 'entry') entries.push({ where, text, ...reading.entry });
    else problems.push(`${where}: ${reading.why}`);
  });
  return { entries, problems };
}

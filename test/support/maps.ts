/**
 * Destination maps out of text, as an administrator writes it.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadMap } from '#sys4/maps/load-map.ts';
import type { LoadedMap } from '#sys4/maps/load-map.ts';
import type { DestinationMaps } from '#pipeline/report/map-destinations.ts';
import { scratchDirectory } from './scratch.ts';

export function writeMap(...lines: readonly string[]): string {
  const path = join(scratchDirectory(), 'test.map');
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return path;
}

export function loadLines(...lines: readonly string[]): LoadedMap {
  return loadMap(writeMap(...lines));
}

type MapLines = { readonly [Name in keyof DestinationMaps]?: readonly string[] };

export function mapsOf({ record = [], mail = [], https = [] }: MapLines): DestinationMaps {
  return { record: entriesOf(record), mail: entriesOf(mail), https: entriesOf(https) };
}

function entriesOf(lines: readonly string[]): LoadedMap['entries'] {
  const { entries, problems } = loadLines(...lines);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return entries;
}

/**
 * The destination maps that the settings name, each read and checked before anything is done.
 *
 * Problems: configuration-error, with everything that is wrong in any of them.
 */
import { loadMap } from '#sys4/maps/load-map.ts';
import type { LoadedMap } from '#sys4/maps/load-map.ts';
import type { SettingName, Settings } from '#config/settings.ts';
import type { DestinationMaps } from '#pipeline/report/map-destinations.ts';
import { configurationError } from '#cli/command.ts';

export const mapSettings: readonly SettingName[] = ['recordMap', 'mailMap', 'httpsMap'];

export function destinationMapsOf({ recordMap, mailMap, httpsMap }: Settings): DestinationMaps {
  const [record, mail, https] = [mapAt(recordMap), mapAt(mailMap), mapAt(httpsMap)];
  const problems = [record, mail, https].flatMap((map) => map.problems);
  if (problems.length > 0) throw configurationError(problems.join('\n  '));
  return { record: record.entries, mail: mail.entries, https: https.entries };
}

function mapAt(path: string | undefined): LoadedMap {
  return path === undefined ? { entries: [], problems: [] } : loadMap(path);
}

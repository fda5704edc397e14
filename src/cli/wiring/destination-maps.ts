/**
 * The destination maps that the settings name, or that are to be written, each read and checked before anything is done.
 *
 * Problems: configuration-error, with everything that is wrong in any of them.
 */
import { loadMap, parseMap } from '#sys4/maps/load-map.ts';
import type { LoadedMap } from '#sys4/maps/load-map.ts';
import type { MapFile } from '#sys4/configuration/imported-parts.ts';
import type { SettingName, Settings } from '#config/settings.ts';
import type { DestinationMaps } from '#pipeline/report/map-destinations.ts';
import { configurationError } from '#cli/command.ts';

export const mapSettings: readonly SettingName[] = ['recordMap', 'mailMap', 'httpsMap'];

export function destinationMapsOf({ recordMap, mailMap, httpsMap }: Settings): DestinationMaps {
  return checked({ record: mapAt(recordMap), mail: mapAt(mailMap), https: mapAt(httpsMap) });
}

/** Of files that are not written yet. */
export function destinationMapsIn(files: readonly MapFile[]): DestinationMaps {
  const mapOf = (name: MapFile['name']): LoadedMap => {
    const file = files.find((one) => one.name === name);
    return file ? parseMap(file.content, file.path) : NO_MAP;
  };
  return checked({ record: mapOf('recordMap'), mail: mapOf('mailMap'), https: mapOf('httpsMap') });
}

const NO_MAP: LoadedMap = { entries: [], problems: [] };

function mapAt(path: string | undefined): LoadedMap {
  return path === undefined ? NO_MAP : loadMap(path);
}

function checked({ record, mail, https }: Record<keyof DestinationMaps, LoadedMap>): DestinationMaps {
  const [first, ...others] = [record, mail, https].flatMap((map) => map.problems);
  if (first !== undefined) throw configurationError(first, others);
  return { record: record.entries, mail: mail.entries, https: https.entries };
}

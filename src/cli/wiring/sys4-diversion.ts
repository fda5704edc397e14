/**
 * Where sys4's reporter sent what it had, so that what waits goes nowhere else.
 *
 * Of a command that may have sent it anywhere nothing is known: then the operator's own configuration must say where it goes.
 * Problems: configuration-error.
 */
import type { DestinationMaps } from '#pipeline/report/map-destinations.ts';
import type { Problem } from '#support/problem.ts';
import type { Imported } from '#sys4/configuration/import-sys4.ts';
import type { MapFile, Undecided } from '#sys4/configuration/imported-parts.ts';
import { configurationError } from '#cli/command.ts';
import { destinationMapsIn, destinationMapsOf } from './destination-maps.ts';
import type { OwnConfiguration } from './own-configuration.ts';

/** `path` is that of our own configuration, whether or not there is one. */
export function diversionIn(
  { maps, undecided }: Imported,
  path: string,
  configuration: OwnConfiguration | undefined,
): DestinationMaps {
  const diversion = destinationMapsIn(maps);
  if (undecided.length === 0) return diversion;
  if (!configuration) throw undecidedError(undecided, path);
  const own = destinationMapsOf(configuration.settings);
  const isUndecided = (name: MapFile['name']): boolean => undecided.some(({ map }) => map === name);
  return {
    ...diversion,
    ...(isUndecided('mailMap') ? { mail: own.mail } : {}),
    ...(isUndecided('httpsMap') ? { https: own.https } : {}),
  };
}

function undecidedError(undecided: readonly Undecided[], path: string): Problem {
  const lines = undecided.flatMap(({ path: file, key, value, advice }) => [
    `${file}: ${key} = ${value}`,
    `  ${advice}`,
  ]);
  return configurationError('Nothing was written, since reports may go to others than before, or be missing:', [
    ...lines,
    `Write ${path} yourself, from what tlsrpt import-config prints, and run this again: it stays as it is.`,
  ]);
}

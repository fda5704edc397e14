/**
 * The configuration of ours at a path, for a move that must not overrule it.
 *
 * A file that sets nothing is none: packages install one in which every setting stands behind a `#`.
 * Problems: configuration-error.
 */
import type { Settings } from '#config/settings.ts';
import { isThere } from '#support/is-there.ts';
import { tomlValues } from '#support/toml-values.ts';
import { configurationText, settingsIn } from '#cli/arguments/command-settings.ts';

export interface OwnConfiguration {
  readonly settings: Settings;
  /** What it sets, by table and name: `report.contact`. */
  readonly values: ReadonlyMap<string, unknown>;
}

/** Undefined where nothing is set. */
export function ownConfiguration(path: string): OwnConfiguration | undefined {
  if (!isThere(path)) return undefined;
  const content = configurationText(path);
  const settings = settingsIn(content, path);
  const values = tomlValues(content) ?? new Map<string, unknown>();
  return values.size === 0 ? undefined : { settings, values };
}

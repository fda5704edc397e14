/**
 * The settings that were given as flags, as variables of the environment: for other commands, which take the same settings but not all the same
 * flags.
 */
import { environmentName } from '#config/setting.ts';
import { settings as rows } from '#config/settings.ts';
import type { Setting } from '#config/setting.ts';
import type { GivenFlags } from '#cli/command.ts';
import { configFlag } from './command-flags.ts';

export function settingVariables(given: GivenFlags): Record<string, string> {
  const variables = Object.values<Setting>(rows).flatMap((row): [string, string][] => {
    const value = given.value(row.flag);
    return value === undefined ? [] : [[environmentName(row), asVariable(value)]];
  });
  const file = given.text(configFlag.name);
  return { ...Object.fromEntries(variables), ...(file === undefined ? {} : { TLSRPT_CONFIG: file }) };
}

/** A list as in the file: what JSON escapes, TOML escapes alike. */
function asVariable(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

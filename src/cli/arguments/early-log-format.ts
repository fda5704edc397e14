/**
 * How an error is to be written that comes before the settings are known: as the flag says, else the environment, else the file.
 */
import { valueInFile } from '#config/load-settings.ts';
import { environmentName } from '#config/setting.ts';
import { settings } from '#config/settings.ts';
import type { Settings } from '#config/settings.ts';
import { GivenFlags } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';
import { Problem } from '#support/problem.ts';
import { asTyped, configFlag } from './command-flags.ts';
import { configurationFile } from './command-settings.ts';

export function earlyLogFormat(
  words: readonly string[],
  environment: Invocation['environment'],
): Settings['logFormat'] {
  const row = settings.logFormat;
  const asked =
    valueBehind(words, asTyped(row.flag)) ?? environment[environmentName(row)] ?? formatInFile(words, environment);
  return asked === 'json' ? 'json' : 'text';
}

/** Undefined also when the file cannot be read: that may be what the error is about. */
function formatInFile(words: readonly string[], environment: Invocation['environment']): unknown {
  const given = new GivenFlags({ [configFlag.name]: valueBehind(words, asTyped(configFlag.name)) });
  try {
    return valueInFile(configurationFile(given, environment), settings.logFormat);
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

function valueBehind(words: readonly string[], flag: string): string | undefined {
  const joined = words.find((word) => word.startsWith(`${flag}=`));
  return joined?.slice(flag.length + 1) ?? (words.includes(flag) ? words[words.indexOf(flag) + 1] : undefined);
}

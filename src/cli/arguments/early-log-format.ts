/**
 * How an error is to be written that comes before the settings are known: as the flag says, else the environment.
 */
import { environmentName } from '#config/setting.ts';
import { settings } from '#config/settings.ts';
import type { Settings } from '#config/settings.ts';
import type { Invocation } from '#cli/command.ts';

export function earlyLogFormat(
  words: readonly string[],
  environment: Invocation['environment'],
): Settings['logFormat'] {
  const flag = `--${settings.logFormat.flag}`;
  const asked = valueBehind(words, flag) ?? environment[environmentName(settings.logFormat)];
  return asked === 'json' ? 'json' : 'text';
}

function valueBehind(words: readonly string[], flag: string): string | undefined {
  const joined = words.find((word) => word.startsWith(`${flag}=`));
  return joined?.slice(flag.length + 1) ?? (words.includes(flag) ? words[words.indexOf(flag) + 1] : undefined);
}

/**
 * The settings for one run of one subcommand, with everything that is wrong about them listed at once.
 *
 * Problems: usage-error when only the command line is wrong, otherwise configuration-error.
 */
import { readFileSync } from 'node:fs';
import { COMMAND_LINE, loadSettings, unknownName } from '#config/load-settings.ts';
import type { SettingProblem } from '#config/load-settings.ts';
import type { Settings } from '#config/settings.ts';
import { currentUserName } from '#support/become-user.ts';
import { errnoOf, messageOf } from '#support/problem.ts';
import type { Problem } from '#support/problem.ts';
import { configurationError, GivenFlags, usageError } from '#cli/command.ts';
import type { Command, Invocation } from '#cli/command.ts';
import { asTyped, configFlag, DEFAULT_CONFIGURATION, flagsOf, settingFlagsOf, switchesOf } from './command-flags.ts';
import type { ParsedWords } from './parse-words.ts';

type Environment = Invocation['environment'];

/** What yargs adds to the flags by itself, and to the values. */
const builtInSwitches = ['help', 'h', 'version', 'V'];
const builtIn = [...builtInSwitches, '_', '$0'];

export interface CommandLine {
  readonly words: readonly string[];
  /** What the parser made of them. */
  readonly values: ParsedWords['values'];
}

export function settingsOf(command: Command, { words, values }: CommandLine, environment: Environment): Settings {
  const given = new GivenFlags(values);
  const ofSettings = settingFlagsOf(command);
  const flags = Object.fromEntries(Object.entries(values).filter(([name]) => ofSettings.includes(name)));
  const loaded = loadSettings({
    file: configurationFile(given, environment),
    environment,
    flags,
  });
  const problems = [
    ...unknownFlags(values, command),
    ...oddSwitches(command, words),
    ...unpaired(command, values),
    ...(loaded.kind === 'invalid' ? loaded.problems : []),
  ];
  if (loaded.kind === 'loaded' && problems.length === 0) return loaded.settings;
  throw settingsProblem(problems);
}

/** Those that the command does not have; without one, those that not every command has. */
export function unknownFlags(values: CommandLine['values'], command?: Command): SettingProblem[] {
  const known = flagsOf(command);
  const unknown = Object.keys(values).filter((name) => !known.includes(name) && !builtIn.includes(name));
  return unknown.map((name) => ({ where: COMMAND_LINE, what: asTyped(name), why: unknownName(name, known, '--') }));
}

/** A switch that is turned off is as good as not given. */
function unpaired({ pairings = [] }: Command, values: CommandLine['values']): SettingProblem[] {
  const isGiven = (name: string): boolean => values[name] !== undefined && values[name] !== false;
  return pairings.flatMap(({ flags, onlyWith, notWith }) =>
    flags.filter(isGiven).flatMap((flag) => {
      const problem = { where: COMMAND_LINE, what: asTyped(flag) };
      if (onlyWith !== undefined && !isGiven(onlyWith)) return [{ ...problem, why: `goes with --${onlyWith}` }];
      if (notWith !== undefined && isGiven(notWith)) return [{ ...problem, why: `does not go with --${notWith}` }];
      return [];
    }),
  );
}

/** yargs takes a switch with any other value for one that was not given. */
function oddSwitches(command: Command, words: readonly string[]): SettingProblem[] {
  const switches = [...switchesOf(command), ...builtInSwitches];
  return words.flatMap((word) => {
    const [, name = '', value = ''] = /^--([a-z-]+)=(.*)$/s.exec(word) ?? [];
    const isOdd = switches.includes(name) && !['true', 'false'].includes(value);
    return isOdd ? [{ where: COMMAND_LINE, what: `--${name}=${value}`, why: 'must be true or false' }] : [];
  });
}

/** Those of a configuration alone, whatever the environment says. `path` is where it is, or is to be. */
export function settingsIn(content: string, path: string): Settings {
  const loaded = loadSettings({ file: { path, content }, environment: {}, flags: {} });
  if (loaded.kind === 'loaded') return loaded.settings;
  throw settingsProblem(loaded.problems);
}

/** Of a configuration that has to be there. */
export function configurationText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw errnoOf(error) === undefined ? error : configurationError(`${path} cannot be read: ${messageOf(error)}.`);
  }
}

function settingsProblem(problems: readonly SettingProblem[]): Problem {
  const isUsage = problems.every(({ where }) => where === COMMAND_LINE);
  const lines = problems.map(({ where, what, why }) => `${isUsage ? '' : `${where}: `}${what} ${why}`);
  const [first = '', ...others] = lines;
  return isUsage ? usageError(first, others) : configurationError(first, others);
}

/** Which file the settings are read from, also when there is none. */
export function configurationPath(given: GivenFlags, environment: Environment): string {
  return namedConfiguration(given, environment) ?? DEFAULT_CONFIGURATION;
}

function namedConfiguration(given: GivenFlags, environment: Environment): string | undefined {
  return given.text(configFlag.name) ?? environment['TLSRPT_CONFIG'];
}

/** Undefined when there is none, and none was named. */
export function configurationFile(
  given: GivenFlags,
  environment: Environment,
): { path: string; content: string } | undefined {
  const path = configurationPath(given, environment);
  try {
    return { path, content: readFileSync(path, 'utf8') };
  } catch (error) {
    if (namedConfiguration(given, environment) === undefined && errnoOf(error) === 'ENOENT') return undefined;
    throw configurationError(`${path} cannot be read: ${messageOf(error)}. ${remedyOf(error)}`);
  }
}

function remedyOf(error: unknown): string {
  if (errnoOf(error) !== 'EACCES') return 'Check the path of the configuration file (--config).';
  return `Let user ${currentUserName()} read it, who this process acts as (chmod, chgrp).`;
}

/**
 * Which flags and words go with each command.
 */
import { settings as rows } from '#config/settings.ts';
import type { Command, Flag } from '#cli/command.ts';

export const DEFAULT_CONFIGURATION = '/etc/tlsrpt/tlsrpt.toml';

/** Settings whose flags go with every command. */
export const everywhere = [rows.stateDir, rows.logLevel, rows.logFormat, rows.dnsServers] as const;
export const configFlag: Flag = {
  name: 'config',
  argument: 'FILE',
  help: `The configuration file, by default ${DEFAULT_CONFIGURATION} where that is.`,
};

/** The names of all flags of a command; without one, of those that go with every command. */
export function flagsOf(command?: Command): string[] {
  const flags = command?.flags.map(({ name }) => name) ?? [];
  return [...settingFlagsOf(command), ...flags, configFlag.name];
}

/** Those of them that are settings. A command may have a flag of its own that is a setting of others by its name. */
export function settingFlagsOf(command?: Command): string[] {
  const settings = command?.settings.map((name) => rows[name].flag) ?? [];
  return [...settings, ...everywhere.map(({ flag }) => flag)];
}

/** Those that take no value. */
export function switchesOf(command: Command): string[] {
  const settings = command.settings.map((name) => rows[name]).filter((row) => row.argument === undefined);
  const flags = command.flags.filter(({ argument }) => argument === undefined);
  return [...settings.map((row) => row.flag), ...flags.map(({ name }) => name)];
}

/** With its dashes. */
export function asTyped(flag: string): string {
  return `${flag.length === 1 ? '-' : '--'}${flag}`;
}

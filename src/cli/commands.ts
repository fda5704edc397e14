/**
 * Which subcommands there are, and which flags go with each.
 */
import { settings as rows } from '#config/settings.ts';
import { collectCommand } from './collect-command.ts';
import type { Command, Flag } from './command.ts';
import { fetchCommand } from './fetch-command.ts';
import { importConfigCommand } from './import-config-command.ts';
import { maptestCommand } from './maptest-command.ts';
import { reportCommand } from './report-command.ts';
import { requeueCommand } from './requeue-command.ts';
import { sendCommand } from './send-command.ts';
import { showCommand } from './show-command.ts';
import { statusCommand } from './status-command.ts';
import { suppressCommand } from './suppress-command.ts';

export const DEFAULT_CONFIGURATION = '/etc/tlsrpt/tlsrpt.toml';
export const commands: readonly Command[] = [
  collectCommand,
  fetchCommand,
  reportCommand,
  sendCommand,
  requeueCommand,
  suppressCommand,
  statusCommand,
  showCommand,
  maptestCommand,
  importConfigCommand,
];
/** Settings whose flags go with every command. */
export const everywhere = [rows.stateDir, rows.logLevel, rows.logFormat, rows.dnsServers] as const;
export const configFlag: Flag = {
  name: 'config',
  argument: 'FILE',
  help: `The configuration file, by default ${DEFAULT_CONFIGURATION} where that is.`,
};

/** The names of all flags of a command; without one, of those that go with every command. */
export function flagsOf(command?: Command): string[] {
  const settings = command?.settings.map((name) => rows[name].flag) ?? [];
  const flags = command?.flags.map(({ name }) => name) ?? [];
  return [...settings, ...everywhere.map(({ flag }) => flag), ...flags, configFlag.name];
}

/** The names of what a command takes besides flags. */
export function positionalsOf({ positionals = '' }: Command): string[] {
  return positionals.match(/\w+/g) ?? [];
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

/**
 * Which subcommands there are, and which flags go with each.
 */
import { settings as rows } from '#config/settings.ts';
import { collectCommand } from '#cli/commands/collect-command.ts';
import type { Command, Flag } from './command.ts';
import { fetchCommand } from '#cli/commands/fetch-command.ts';
import { importConfigCommand } from '#cli/commands/import-config-command.ts';
import { maptestCommand } from '#cli/commands/maptest-command.ts';
import { reportCommand } from '#cli/commands/report-command.ts';
import { requeueCommand } from '#cli/commands/requeue-command.ts';
import { sendCommand } from '#cli/commands/send-command.ts';
import { showCommand } from '#cli/commands/show-command.ts';
import { statusCommand } from '#cli/commands/status-command.ts';
import { suppressCommand } from '#cli/commands/suppress-command.ts';

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

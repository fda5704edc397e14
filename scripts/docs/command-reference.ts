/**
 * docs/commands.md: every command with its synopses, flags and examples, from what help and the manual pages are made of.
 */
import { configFlag, everywhere } from '#cli/arguments/command-flags.ts';
import { asSentence } from '#cli/arguments/parse-words.ts';
import type { Command, Flag, Pairing } from '#cli/command.ts';
import { commands } from '#cli/commands.ts';
import { fallbackOf, rangeOf } from '#config/setting.ts';
import type { Setting } from '#config/setting.ts';
import { settings } from '#config/settings.ts';

export function commandReference(): string {
  return [
    '# Commands',
    '',
    'Words in capitals stand for what you write there. What stands in brackets may be left out, `|` is between choices, and `...` is behind what',
    'may be repeated. A switch is turned off with `--no-` before its name, and words behind `--` are no flags. `tlsrpt help COMMAND` shows the same.',
    '',
    'This page is generated from the commands; `npm run docs` writes it.',
    '',
    ...commands.map(({ name, summary }) => `- [${name}](#tlsrpt-${name}): ${lowerFirst(summary)}`),
    '',
    ...commands.flatMap(sectionOf),
    '## With every command',
    '',
    ...tableOf([flagRow(configFlag), ...everywhere.map(settingRow)]),
    '',
    '`--help` (`-h`) shows what a command takes, `--version` (`-V`) the version, `tlsrpt --licenses` the licences of what the program consists of, and',
    '`tlsrpt completion` prints a completion script for bash or zsh, whichever `$SHELL` names.',
    '',
  ].join('\n');
}

function sectionOf(command: Command): string[] {
  const { name, summary, usages = [''], flags, examples, pairings = [] } = command;
  const rows = [...flags.map(flagRow), ...command.settings.map((setting) => settingRow(settings[setting]))];
  return [
    `## tlsrpt ${name}`,
    '',
    asSentence(summary),
    '',
    '```',
    ...usages.map((usage) => ['tlsrpt', name, usage, '[options]'].filter(Boolean).join(' ')),
    '```',
    '',
    ...(rows.length === 0 ? [] : [...tableOf(rows), '']),
    ...pairings.flatMap(pairingText),
    '```sh',
    ...examples.map(([words, what]) => `tlsrpt ${words}   # ${what}`),
    '```',
    '',
  ];
}

function tableOf(rows: readonly string[]): string[] {
  return ['| flag | what it does | setting |', '|---|---|---|', ...rows];
}

function flagRow({ name, argument, help }: Flag): string {
  return `| ${typed(name, argument)} | ${escaped(help)} | |`;
}

function settingRow(row: Setting): string {
  const range = rangeOf(row);
  const limits = range === undefined ? '' : ` Range: ${range}.`;
  return `| ${typed(row.flag, row.argument)} | ${escaped(`${row.help}${limits} Default: ${fallbackOf(row)}.`)} | \`${row.key}\` |`;
}

function typed(name: string, argument: string | undefined): string {
  return `\`--${name}${argument === undefined ? '' : ` ${argument}`}\``;
}

function pairingText({ flags, onlyWith, notWith }: Pairing): string[] {
  const named = flags.map((flag) => `\`--${flag}\``).join(', ');
  return [
    ...(onlyWith === undefined ? [] : [`Only with \`--${onlyWith}\`: ${named}.`, '']),
    ...(notWith === undefined ? [] : [`Not with \`--${notWith}\`: ${named}.`, '']),
  ];
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '\\<');
}

function lowerFirst(text: string): string {
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}

/**
 * The manual pages: tlsrpt(1), one for each command, and tlsrpt.toml(5), made of the commands, their flags, and the settings.
 */
import { everywhere, configFlag } from '#cli/arguments/command-flags.ts';
import { asSentence } from '#cli/arguments/parse-words.ts';
import type { Command, Flag } from '#cli/command.ts';
import { commands } from '#cli/commands.ts';
import { environmentName, fallbackOf, rangeOf } from '#config/setting.ts';
import type { Setting } from '#config/setting.ts';
import { settings } from '#config/settings.ts';
import { exitMeanings } from './exit-meanings.ts';
import { example, heading, item, paragraph, subheading, synopsis, title } from './roff.ts';
import { fallbackTextOf, nameInTable, tablesOfSettings } from './setting-tables.ts';

export interface ManualPage {
  /** Such as `tlsrpt-report.1`. */
  readonly name: string;
  readonly text: string;
}

export interface Edition {
  readonly version: string;
  /** YYYY-MM-DD */
  readonly date: string;
}

const PROGRAM = 'SMTP TLS Reporting (RFC 8460) for mail servers';

export function manualPages(edition: Edition): ManualPage[] {
  return [programPage(edition), ...commands.map((command) => commandPage(command, edition)), settingsPage(edition)];
}

function programPage(edition: Edition): ManualPage {
  return page('tlsrpt', 1, edition, [
    heading('NAME'),
    `tlsrpt \\- ${PROGRAM}`,
    heading('SYNOPSIS'),
    '\\fBtlsrpt\\fR \\fICOMMAND\\fR [\\fIoptions\\fR]',
    heading('DESCRIPTION'),
    paragraph(
      'Collects what mail servers saw of TLS when they delivered mail, adds it up by UTC day, builds the reports that receiving ' +
        'domains ask for in DNS, and delivers them by mail and HTTPS.',
    ),
    heading('COMMANDS'),
    ...commands.map(({ name, summary }) => item(name, `${summary}. See tlsrpt-${name}(1).`)),
    heading('OPTIONS'),
    ...optionsForAll(),
    item('--help, -h, help COMMAND', 'What the program, or the command before it, takes.'),
    item('--version, -V', 'The version.'),
    item('--licenses', 'The licences of everything that the program consists of.'),
    ...exitStatus(),
    heading('FILES'),
    item('/etc/tlsrpt/tlsrpt.toml', 'The configuration; see tlsrpt.toml(5).'),
    item('/var/lib/tlsrpt', 'The state directory: what was collected, the reports, and what became of them.'),
    heading('ENVIRONMENT'),
    paragraph(
      'Every setting has a variable of its own; see tlsrpt.toml(5). TLSRPT_CONFIG names the configuration file.',
    ),
    ...seeAlso(commands.map(({ name }) => `tlsrpt-${name}(1)`)),
  ]);
}

function commandPage(command: Command, edition: Edition): ManualPage {
  const { name, usages = [''], summary, flags } = command;
  return page(`tlsrpt-${name}`, 1, edition, [
    heading('NAME'),
    `tlsrpt\\-${name.replaceAll('-', '\\-')} \\- ${summary.replaceAll('-', '\\-')}`,
    heading('SYNOPSIS'),
    ...usages.map((usage) => synopsis(name, usage)),
    heading('OPTIONS'),
    ...flags.map(flagItem),
    ...command.settings.map((setting) => settingFlagItem(settings[setting])),
    subheading('Of every command'),
    ...optionsForAll(),
    heading('EXAMPLES'),
    ...command.examples.map(([words, what]) => item(`tlsrpt ${words}`, asSentence(capitalised(what)))),
    ...exitStatus(),
    ...seeAlso(['tlsrpt(1)']),
  ]);
}

function settingsPage(edition: Edition): ManualPage {
  return page('tlsrpt.toml', 5, edition, [
    heading('NAME'),
    'tlsrpt.toml \\- configuration of tlsrpt(1)',
    heading('DESCRIPTION'),
    paragraph(
      'The file is TOML (https://toml.io). It is looked for as /etc/tlsrpt/tlsrpt.toml, or where --config or TLSRPT_CONFIG says. Every setting ' +
        'can stand in it, in the environment, and on the command line of the commands that it concerns. A flag wins over the environment, the ' +
        'environment over the file. A key that does not exist is an error.',
    ),
    ...tablesOfSettings().flatMap(([table, rows]) => [
      heading(table === '' ? 'Settings outside of any table' : `[${table}]`),
      ...rows.map((row) =>
        item(nameInTable(row), `${row.help}${range(row)} ${whereElse(row)}`, `(default: ${fallbackTextOf(row)})`),
      ),
    ]),
    heading('EXAMPLE'),
    example(['[report]', 'organization = "Example Ltd"', 'contact = "postmaster@example.com"']),
    ...seeAlso(['tlsrpt(1)']),
  ]);
}

function range(row: Setting): string {
  const text = rangeOf(row);
  return text === undefined ? '' : ` Range: ${text}.`;
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function whereElse(row: Setting): string {
  return `(--${row.flag}, ${environmentName(row)})`;
}

function page(name: string, section: number, { version, date }: Edition, parts: readonly string[]): ManualPage {
  return {
    name: `${name}.${String(section)}`,
    text: `${[title(name, section, version, date), ...parts].join('\n')}\n`,
  };
}

function optionsForAll(): string[] {
  return [flagItem(configFlag), ...everywhere.map(settingFlagItem)];
}

function flagItem({ name, argument, help }: Flag): string {
  return item(`--${name}`, help, argument);
}

function settingFlagItem(row: Setting): string {
  return item(`--${row.flag}`, `${row.help}${range(row)} (${row.key}; default: ${fallbackOf(row)})`, row.argument);
}

function exitStatus(): string[] {
  return [heading('EXIT STATUS'), ...exitMeanings().map(([code, meaning]) => item(code, meaning))];
}

function seeAlso(pages: readonly string[]): string[] {
  return [heading('SEE ALSO'), paragraph([...pages, 'tlsrpt.toml(5)'].join(', '))];
}

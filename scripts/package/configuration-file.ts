/**
 * The configuration file as it is installed: every setting with what it does, all of them commented out.
 */
import type { Setting } from '#config/setting.ts';
import { wrappedAt } from './wrapped-at.ts';
import { fallbackTextOf, nameInTable, tablesOfSettings } from './setting-tables.ts';

const WIDTH = 76;

export function configurationFile(): string {
  const tables = tablesOfSettings().map(([table, rows]) =>
    [...(table === '' ? [] : [`[${table}]`, '']), ...rows.map(settingText)].join('\n'),
  );
  return `# Configuration of tlsrpt; see tlsrpt.toml(5). Settings are shown with their\n# defaults. Take away the "#" of those that you change.\n\n${tables.join('\n')}`;
}

function settingText(row: Setting): string {
  const { help, fallback, fallbackText, argument = '' } = row;
  const isText = fallback === undefined || fallbackText !== undefined;
  const words = isText ? `${help} Default: ${fallbackTextOf(row)}.` : help;
  const value = isText ? placeholder(row, argument) : JSON.stringify(fallback);
  return [...wrappedAt(WIDTH, words).map((line) => `# ${line}`), `#${nameInTable(row)} = ${value}`, ''].join('\n');
}

/** What stands for a value in help. */
function placeholder({ isList }: Setting, argument: string): string {
  return isList === true ? `["${argument}"]` : `"${argument}"`;
}

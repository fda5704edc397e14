/**
 * A configuration file for people to read and go on with: settings in their usual order, and what could not be translated at the end.
 */
import { stringify } from 'smol-toml';
import { cleanText } from '#tlsrpt/clean-text.ts';
import { settings } from '#config/settings.ts';
import type { SettingName } from '#config/settings.ts';

export interface ImportedSetting {
  readonly value: string | number | boolean | readonly string[];
  /** What our settings make of it. */
  readonly checked: unknown;
  readonly notes: readonly string[];
}

export interface LeftOver {
  readonly path: string;
  readonly key: string;
  readonly value: string;
  readonly advice: string;
}

const MAX_COMMENT_LENGTH = 500;

export function writeToml(
  paths: readonly string[],
  imported: ReadonlyMap<SettingName, ImportedSetting>,
  leftOver: readonly LeftOver[],
): string {
  const names = (Object.keys(settings) as SettingName[]).filter((name) => imported.has(name));
  const tables = [...new Set(names.map(tableOf))];
  const blocks = [
    [comment(`Made from ${paths.join(', ')}.`)],
    ...tables.map((table) => [
      ...(table === '' ? [] : [`[${table}]`]),
      ...names.filter((name) => tableOf(name) === table).flatMap((name) => settingLines(name, imported.get(name))),
    ]),
    ...paths.map((path) =>
      leftOverLines(
        path,
        leftOver.filter((one) => one.path === path),
      ),
    ),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function tableOf(name: SettingName): string {
  const { key } = settings[name];
  return key.includes('.') ? key.slice(0, key.indexOf('.')) : '';
}

function settingLines(name: SettingName, imported: ImportedSetting | undefined): string[] {
  const key = settings[name].key.replace(/^.*\./, '');
  return imported ? [...imported.notes.map(comment), stringify({ [key]: imported.value }).trim()] : [];
}

function leftOverLines(path: string, leftOver: readonly LeftOver[]): string[] {
  if (leftOver.length === 0) return [];
  return [
    comment(`From ${path}, without an equivalent here:`),
    ...leftOver.flatMap(({ key, value, advice }) => ['#', comment(`${key} = ${value}`), comment(`  ${advice}`)]),
  ];
}

/** One line, whatever is in it. */
function comment(text: string): string {
  const indent = text.startsWith(' ') ? '  ' : '';
  return `# ${indent}${cleanText(text, MAX_COMMENT_LENGTH)}`;
}

/**
 * Turns the configuration files of sys4's tlsrpt-reporter into ours, as TOML with a comment for everything that has no equivalent.
 *
 * What our own settings would refuse becomes a comment too, so the result always loads.
 */
import { parseIni } from '#support/python/ini.ts';
import type { IniValue } from '#support/python/ini.ts';
import { settings } from '#config/settings.ts';
import type { SettingName } from '#config/settings.ts';
import { translations } from './translations.ts';
import type { Translation } from './translations.ts';
import { writeToml } from './write-toml.ts';
import type { ImportedSetting, LeftOver } from './write-toml.ts';

export interface ForeignFile {
  readonly path: string;
  readonly content: string;
}

export type ImportResult =
  | { readonly kind: 'imported'; readonly toml: string }
  /** `/etc/tlsrpt/reportd.cfg:3: ...` */
  | { readonly kind: 'unreadable'; readonly problems: readonly string[] };

export function importSys4(files: readonly ForeignFile[]): ImportResult {
  const read = files.map(readFile);
  const problems = read.flatMap((file) => file.problems);
  if (problems.length > 0) return { kind: 'unreadable', problems };
  const found = read.flatMap((file) => file.found);
  const imported = new Map<SettingName, ImportedSetting>();
  const leftOver: LeftOver[] = [];
  for (const { path, key, value, translation } of found) {
    const problem = translation.kind === 'none' ? translation.advice : take(imported, translation, value);
    if (problem !== undefined) leftOver.push({ path, key, value, advice: problem });
  }
  return {
    kind: 'imported',
    toml: writeToml(
      files.map(({ path }) => path),
      imported,
      leftOver,
    ),
  };
}

interface Found {
  readonly path: string;
  readonly key: string;
  readonly value: string;
  readonly translation: Translation;
}

function readFile({ path, content }: ForeignFile): { readonly found: Found[]; readonly problems: string[] } {
  const { sections, problems } = parseIni(content);
  const known = [...sections].filter(([name]) => name in translations);
  const lines = problems.map(({ line, why }) => `${path}:${String(line)}: ${why}`);
  if (known.length === 0 && lines.length === 0)
    lines.push(`${path}: it has none of the sections [${Object.keys(translations).join('], [')}]`);
  return {
    found: known.flatMap(([name, values]) => [...values].flatMap(([key, one]) => translated(path, name, key, one))),
    problems: lines,
  };
}

/** A key without a value is one that was not set. */
function translated(path: string, section: string, key: string, { value }: IniValue): Found[] {
  if (value === '') return [];
  const rows = translations[section] ?? {};
  const row = Object.keys(rows).find(
    (name) => name === key || (name.endsWith('*') && key.startsWith(name.slice(0, -1))),
  );
  const translation: Translation = rows[row ?? '']?.(value) ?? {
    kind: 'none',
    advice: 'This key is not known; see docs/configuration.md for what can be set.',
  };
  return [{ path, key, value, translation }];
}

/** Returns why our own settings would not have it. Of two times for one setting the longer stays. */
function take(
  imported: Map<SettingName, ImportedSetting>,
  { name, value, note }: Extract<Translation, { kind: 'setting' }>,
  original: string,
): string | undefined {
  const row = settings[name];
  const checked = row.schema.safeParse(value);
  if (!checked.success) return `As ${row.key} it ${checked.error.issues[0]?.message ?? 'is not valid'}.`;
  const earlier = imported.get(name);
  if (typeof checked.data === 'number' && earlier && Number(earlier.checked) >= checked.data) return undefined;
  const reference = /%[%(]/.test(original) ? 'A % of Python was taken as it stands; check it.' : undefined;
  const notes = [note, reference].filter((text) => text !== undefined);
  imported.set(name, { value, checked: checked.data, notes });
  return undefined;
}

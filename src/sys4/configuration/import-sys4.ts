/**
 * Turns the configuration of sys4's tlsrpt-reporter into ours, as TOML with a comment for everything that has no equivalent, and the
 * destination maps that stand for its debug settings.
 *
 * What our own settings would refuse becomes a comment too, so the result always loads. What its programs do where nothing is set, and ours
 * would not, is written out.
 */
import { dirname, join } from 'node:path';
import { levels } from '#events/event.ts';
import { settings } from '#config/settings.ts';
import type { SettingName } from '#config/settings.ts';
import { readForeign } from './read-foreign.ts';
import type { ForeignFile, ForeignKey } from './read-foreign.ts';
import { defaults, translations } from './translations.ts';
import type { ForeignContext, MapName, Translation } from './translation.ts';
import { writeToml } from './write-toml.ts';
import type { ImportedSetting, LeftOver } from './write-toml.ts';

export type { ForeignFile } from './read-foreign.ts';

/** A destination map that the configuration names, in place of a debug setting. */
export interface MapFile {
  readonly name: MapName;
  readonly path: string;
  readonly content: string;
}

/** A command without an equivalent. Without it reports may go to others than before, unless the operator says in a map where they go. */
export interface Undecided extends LeftOver {
  readonly map: MapName;
}

export type ImportResult =
  | {
      readonly kind: 'imported';
      readonly toml: string;
      readonly maps: readonly MapFile[];
      readonly undecided: readonly Undecided[];
      /** What was read. */
      readonly keys: readonly ForeignKey[];
    }
  /** No file, and no variable. */
  | { readonly kind: 'nothing' }
  /** `/etc/tlsrpt/reportd.cfg:3: ...` */
  | { readonly kind: 'unreadable'; readonly problems: readonly string[] };

/** `stateDir`, where it is known, is written too. */
export function importSys4(
  files: readonly ForeignFile[],
  environment: Readonly<Record<string, string | undefined>>,
  stateDir?: string,
): ImportResult {
  const { keys, problems } = readForeign(files, environment);
  if (problems.length > 0) return { kind: 'unreadable', problems };
  if (keys.length === 0 && files.length === 0) return { kind: 'nothing' };
  const result = new Result(dirname(files[0]?.path ?? '/etc/tlsrpt/'));
  if (stateDir !== undefined) result.imported.set('stateDir', { value: stateDir, checked: stateDir, notes: [] });
  for (const { key, translation } of translated([...keys, ...unsetKeys(keys)])) result.take(key, translation);
  const paths = [...new Set([...files.map(({ path }) => path), ...keys.map(({ path }) => path)])];
  const { imported, leftOver, maps, undecided } = result;
  return { kind: 'imported', toml: writeToml(paths, imported, leftOver), maps, undecided, keys };
}

const UNSET = 'its defaults';

/** The defaults of sections of which anything is set. */
function unsetKeys(keys: readonly ForeignKey[]): ForeignKey[] {
  const sections = new Set(keys.map(({ section }) => section));
  return Object.entries(defaults).flatMap(([section, values]) =>
    Object.entries(values)
      .filter(([key]) => sections.has(section) && !keys.some((one) => one.section === section && one.key === key))
      .map(([key, value]) => ({ path: UNSET, section, key, shown: key, value })),
  );
}

interface Translated {
  readonly key: ForeignKey;
  readonly translation: Translation;
}

/** Maps first: what diverts reports must not lose against what does not. */
function translated(keys: readonly ForeignKey[]): Translated[] {
  const context = contextOf(keys);
  const all = keys.flatMap((key) => translate(key, context).map((translation) => ({ key, translation })));
  return [
    ...all.filter(({ translation }) => translation.kind === 'map'),
    ...all.filter(({ translation }) => translation.kind !== 'map'),
  ];
}

function contextOf(keys: readonly ForeignKey[]): ForeignContext {
  const ofCollector = keys.filter(({ section }) => section === 'tlsrpt_collectd');
  if (ofCollector.length === 0) return { collectorStorage: undefined };
  return { collectorStorage: ofCollector.find(({ key }) => key === 'storage')?.value ?? '' };
}

function translate({ section, key, value }: ForeignKey, context: ForeignContext): readonly Translation[] {
  const rows = translations[section] ?? {};
  const row = Object.keys(rows).find(
    (name) => name === key || (name.endsWith('*') && key.startsWith(name.slice(0, -1))),
  );
  const unknown: Translation = {
    kind: 'none',
    advice: 'This key is not known; see docs/configuration.md for what can be set.',
  };
  return [rows[row ?? '']?.(value, context) ?? unknown].flat();
}

class Result {
  readonly imported = new Map<SettingName, ImportedSetting>();
  readonly leftOver: LeftOver[] = [];
  readonly maps: MapFile[] = [];
  readonly #elsewhere: Undecided[] = [];
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  take(key: ForeignKey, translation: Translation): void {
    const problem = this.#problemWith(key, translation);
    if (problem === undefined) return;
    const leftOver = { path: key.path, key: key.shown, value: key.value, advice: problem };
    this.leftOver.push(leftOver);
    const map = translation.kind === 'map' ? undefined : translation.elsewhereUnless;
    if (map !== undefined) this.#elsewhere.push({ ...leftOver, map });
  }

  /** What a debug setting of sys4's decides about is decided. */
  get undecided(): Undecided[] {
    return this.#elsewhere.filter(({ map }) => !this.maps.some(({ name }) => name === map));
  }

  #problemWith(key: ForeignKey, translation: Translation): string | undefined {
    switch (translation.kind) {
      case 'none':
        return translation.advice;
      case 'map':
        this.#takeMap(key, translation);
        return undefined;
      case 'setting':
        return this.#takeSetting(key, translation);
    }
  }

  #takeMap({ shown }: ForeignKey, { name, line, note }: Extract<Translation, { kind: 'map' }>): void {
    const path = join(this.#directory, `${shown.toLowerCase()}.map`);
    this.maps.push({ name, path, content: `${line}\n` });
    const notes = [`${shown} is this map. Its file has the line: ${line}`, note].filter((text) => text !== undefined);
    this.imported.set(name, { value: path, checked: path, notes });
  }

  /** Returns why our own settings would not have it. */
  #takeSetting(
    { path }: ForeignKey,
    { name, value, note }: Extract<Translation, { kind: 'setting' }>,
  ): string | undefined {
    const row = settings[name];
    const checked = row.schema.safeParse(value);
    if (!checked.success) return `As ${row.key} it ${checked.error.issues[0]?.message ?? 'is not valid'}.`;
    const earlier = this.imported.get(name);
    if (earlier?.checked === checked.data) return undefined;
    if (earlier && !isStronger(checked.data, earlier.checked)) return `${row.key} is set already.`;
    const origin = path === UNSET ? "Not set there: the default of sys4's programs." : undefined;
    const notes = [note, origin].filter((text) => text !== undefined);
    this.imported.set(name, { value, checked: checked.data, notes });
    return undefined;
  }
}

/** Of two log levels for one setting the one that says more. */
function isStronger(value: unknown, than: unknown): boolean {
  const [level, earlier] = [value, than].map((one) => levels.findIndex((name) => name === one));
  return (level ?? -1) < (earlier ?? -1);
}

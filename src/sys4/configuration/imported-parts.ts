/**
 * The parts of our configuration, as translations of foreign keys come in: settings, the files that they name, and what is left over.
 *
 * Of two values for one setting the first stays. What our own settings would refuse, or what would show a password, is left over.
 */
import { join } from 'node:path';
import { levels } from '#events/event.ts';
import { settings } from '#config/settings.ts';
import type { SettingName } from '#config/settings.ts';
import { hasCredentials, shownValue } from './hide-credentials.ts';
import type { ForeignKey } from './read-foreign.ts';
import type { MapName, Translation } from './translation.ts';
import type { ImportedSetting, LeftOver } from './write-toml.ts';

/** A destination map that the configuration names, in place of a debug setting. */
export interface MapFile {
  readonly name: MapName;
  readonly path: string;
  readonly content: string;
}

/** A file with a secret, which a setting names. */
export interface SecretFile {
  readonly path: string;
  readonly content: string;
}

/**
 * A command without an equivalent. Without it reports may go to others than before, unless the operator says in a map where they go; or, where
 * there is no such map, less is reported.
 */
export interface Undecided extends LeftOver {
  readonly map: MapName | undefined;
}

/** Where a key stands that is set nowhere. */
export const UNSET = 'its defaults';

export class ImportedParts {
  readonly imported = new Map<SettingName, ImportedSetting>();
  readonly leftOver: LeftOver[] = [];
  readonly maps: MapFile[] = [];
  readonly secrets: SecretFile[] = [];
  readonly #elsewhere: Undecided[] = [];
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  take(key: ForeignKey, translation: Translation): void {
    const problem = this.#problemWith(key, translation);
    if (problem === undefined) return;
    const leftOver = { path: key.path, key: key.shown, value: shownValue(key.key, key.value), advice: problem };
    this.leftOver.push(leftOver);
    const map = 'elsewhereUnless' in translation ? translation.elsewhereUnless : undefined;
    const isSource = translation.kind === 'setting' && translation.name === 'sources';
    if (map !== undefined || isSource) this.#elsewhere.push({ ...leftOver, map });
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
      case 'secret':
        this.#takeSecret(key, translation);
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

  #takeSecret({ shown }: ForeignKey, { name, file, content }: Extract<Translation, { kind: 'secret' }>): void {
    const path = join(this.#directory, file);
    this.secrets.push({ path, content: `${content}\n` });
    const notes = [
      `The password in ${shown} belongs into this file, which nobody else may read (mode 0600). tlsrpt import sys4 writes it.`,
    ];
    this.imported.set(name, { value: path, checked: path, notes });
  }

  /** Returns why our own settings would not have it. */
  #takeSetting(
    { path }: ForeignKey,
    { name, value, notes = [] }: Extract<Translation, { kind: 'setting' }>,
  ): string | undefined {
    const row = settings[name];
    if (isCommand(name) && [value].flat().some((one) => hasCredentials(String(one)))) return hasPassword(row.key);
    const checked = row.schema.safeParse(value);
    if (!checked.success) return `As ${row.key} it ${checked.error.issues[0]?.message ?? 'is not valid'}.`;
    const earlier = this.imported.get(name);
    if (earlier?.checked === checked.data) return undefined;
    if (earlier && !isStronger(checked.data, earlier.checked)) return `${row.key} is set already.`;
    this.imported.set(name, { value, checked: checked.data, notes: [...notes, ...originOf(path)] });
    return undefined;
  }
}

function originOf(path: string): readonly string[] {
  return path === UNSET ? ["Not set there: the default of sys4's programs."] : [];
}

/** They go on as they are, password and all. */
function isCommand(name: SettingName): boolean {
  return name === 'sources' || name === 'sendmail';
}

function hasPassword(key: string): string {
  return `It has a password in it, and ${key} is shown in logs. Let a script of your own read the password from a file, and name that script.`;
}

/** Of two log levels for one setting the one that says more. */
function isStronger(value: unknown, than: unknown): boolean {
  const [level, earlier] = [value, than].map((one) => levels.findIndex((name) => name === one));
  return (level ?? -1) < (earlier ?? -1);
}

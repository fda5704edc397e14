/**
 * Turns the configuration of sys4's tlsrpt-reporter into ours, as TOML with a comment for everything that has no equivalent, and the
 * destination maps that stand for its debug settings.
 *
 * What our own settings would refuse becomes a comment too, so the result always loads. What its programs do where nothing is set, and ours
 * would not, is written out.
 */
import { dirname } from 'node:path';
import { ImportedParts, UNSET } from './imported-parts.ts';
import type { MapFile, SecretFile, Undecided } from './imported-parts.ts';
import { readForeign } from './read-foreign.ts';
import type { ForeignFile, ForeignKey } from './read-foreign.ts';
import { contextOf, judgedFetchers } from './judge-fetcher.ts';
import type { FetcherKnowledge, JudgedFetcher } from './judge-fetcher.ts';
import { defaults, fixed, translations } from './translations.ts';
import type { ForeignContext, Translation } from './translation.ts';
import { writeToml } from './write-toml.ts';

export type { ForeignFile } from './read-foreign.ts';

export interface Imported {
  readonly kind: 'imported';
  readonly toml: string;
  readonly maps: readonly MapFile[];
  readonly secrets: readonly SecretFile[];
  readonly undecided: readonly Undecided[];
  /** What was read. */
  readonly keys: readonly ForeignKey[];
  /** The old reporter's, each with what is known of it. */
  readonly fetchers: readonly JudgedFetcher[];
}

export type ImportResult =
  | Imported
  /** No file, and no variable. */
  | { readonly kind: 'nothing' }
  /** `/etc/tlsrpt/reportd.cfg:3: ...` */
  | { readonly kind: 'unreadable'; readonly problems: readonly string[] };

export interface ImportWish extends FetcherKnowledge {
  /** Where it is known, it is written too. */
  readonly stateDir?: string | undefined;
}

export function importSys4(
  files: readonly ForeignFile[],
  environment: Readonly<Record<string, string | undefined>>,
  { stateDir, ...knowledge }: ImportWish = {},
): ImportResult {
  const { keys, problems } = readForeign(files, environment);
  if (problems.length > 0) return { kind: 'unreadable', problems };
  if (keys.length === 0 && files.length === 0) return { kind: 'nothing' };
  const result = new ImportedParts(dirname(files[0]?.path ?? '/etc/tlsrpt/'));
  if (stateDir !== undefined) result.imported.set('stateDir', { value: stateDir, checked: stateDir, notes: [] });
  const all = [...keys, ...unsetKeys(keys)];
  const context = contextOf(keys, knowledge);
  const parts = [...translated(all, context), ...fixedParts(keys)];
  for (const { key, translation } of parts) result.take(key, translation);
  const paths = [...new Set([...files.map(({ path }) => path), ...keys.map(({ path }) => path)])];
  const { imported, leftOver, maps, secrets, undecided } = result;
  const toml = writeToml(paths, imported, leftOver);
  const fetchers = judgedFetchers(keys, context);
  return { kind: 'imported', toml, maps, secrets, undecided, keys, fetchers };
}

/** The defaults of sections of which anything is set. */
function unsetKeys(keys: readonly ForeignKey[]): ForeignKey[] {
  const sections = new Set(keys.map(({ section }) => section));
  return Object.entries(defaults).flatMap(([section, values]) =>
    Object.entries(values)
      .filter(([key]) => sections.has(section) && !keys.some((one) => one.section === section && one.key === key))
      .map(([key, value]) => ({ path: UNSET, section, key, shown: key, value })),
  );
}

/** What sections that are there stand for, whatever is set in them. */
function fixedParts(keys: readonly ForeignKey[]): Translated[] {
  return Object.entries(fixed).flatMap(([section, parts]) => {
    const first = keys.find((key) => key.section === section);
    return first ? parts.map((translation) => ({ key: first, translation })) : [];
  });
}

interface Translated {
  readonly key: ForeignKey;
  readonly translation: Translation;
}

/** Maps first: what diverts reports must not lose against what does not. */
function translated(keys: readonly ForeignKey[], context: ForeignContext): Translated[] {
  const all = keys.flatMap((key) => translate(key, context).map((translation) => ({ key, translation })));
  return [
    ...all.filter(({ translation }) => translation.kind === 'map'),
    ...all.filter(({ translation }) => translation.kind !== 'map'),
  ];
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

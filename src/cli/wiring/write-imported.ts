/**
 * Writes a configuration that was imported, with the maps and the secrets that it names; one that is there and sets anything stays as it is, and what it
 * lacks is named.
 *
 * The configuration comes last, since without the others it would not load: who is killed before begins anew. A secret is for one user alone, who
 * is the one that our commands act as. Root may write into a directory of somebody else, who must not lead it elsewhere by a link.
 * Problems: configuration-error, file-not-written.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, fchownSync, openSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Settings } from '#config/settings.ts';
import { systemDisk } from '#support/disk.ts';
import { exchangeBuiltFile, syncDirectory, writeFully } from '#support/durable-file.ts';
import { messageOf, Problem } from '#support/problem.ts';
import { tomlValues } from '#support/toml-values.ts';
import { withoutControlsButLines } from '#support/without-controls.ts';
import type { Imported } from '#sys4/configuration/import-sys4.ts';
import { settingsIn } from '#cli/arguments/command-settings.ts';
import { parseSource } from '#cli/arguments/source-address.ts';
import type { SourceAddress } from '#cli/arguments/source-address.ts';
import { configurationError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';
import { destinationMapsOf } from './destination-maps.ts';
import { strangerWhoOwns } from './owner.ts';
import type { Owner } from './owner.ts';
import type { OwnConfiguration } from './own-configuration.ts';
import { statePathOf } from './state.ts';

const OWNER_ONLY = 0o600;
/** For whoever the umask lets read it. */
const PUBLIC = { mode: 0o666, owner: undefined };

export interface WriteOptions {
  /** Of the configuration. */
  readonly path: string;
  /** What there is already. */
  readonly own: OwnConfiguration | undefined;
  /** True to say what would be written, and write nothing. */
  readonly dryRun: boolean;
}

/** False when there is a configuration already. */
export function writeImported(
  imported: Imported,
  invocation: Invocation,
  { path, own: present, dryRun }: WriteOptions,
): boolean {
  const { print } = invocation;
  if (present) {
    print(`${path}: is there already and stays as it is\n`);
    for (const line of lackingLines(imported, present)) print(withoutControlsButLines(`${path}: ${line}\n`));
    return false;
  }
  const { toml, maps, secrets } = imported;
  const settings = settingsIn(toml, path);
  refuseBadMaps(settings, new Set(maps.map((map) => map.path)));
  for (const source of settings.sources) requireCommand(source);
  const owner = strangerWhoOwns(statePathOf(invocation));
  const files = [
    ...maps.map((map) => ({ ...map, ...PUBLIC })),
    ...secrets.map((secret) => ({ ...secret, mode: OWNER_ONLY, owner })),
    { path, content: toml, ...PUBLIC },
  ];
  for (const file of files) {
    if (!dryRun)
      written(file.path, () => {
        writeFile(file);
      });
    print(`${file.path}: ${dryRun ? 'would be written' : 'written'}\n`);
  }
  return true;
}

/** What would be written, and the configuration that stays does not set. */
function lackingLines({ toml, maps }: Imported, { values }: OwnConfiguration): string[] {
  const lacking = [...(tomlValues(toml) ?? [])].filter(([key]) => !values.has(key));
  return lacking.map(([key, value]) => {
    const map = maps.find(({ path }) => path === value);
    const line = map ? `, a file with the line ${map.content.trimEnd()}` : '';
    return `lacks ${key} = ${JSON.stringify(value)}${line}`;
  });
}

/** Those that are there already; the others have one line each, which is ours. */
function refuseBadMaps(settings: Settings, own: ReadonlySet<string>): void {
  const there = (path: string | undefined): string | undefined =>
    path !== undefined && own.has(path) ? undefined : path;
  const { recordMap, mailMap, httpsMap } = settings;
  destinationMapsOf({ ...settings, recordMap: there(recordMap), mailMap: there(mailMap), httpsMap: there(httpsMap) });
}

/** What `fetch` would refuse, or take for a state directory. */
function requireCommand(source: string): void {
  if (kindOf(source) === 'command') return;
  throw configurationError(
    `Nothing was written, since the fetcher ${source} is no command that can be run on this host. Correct it in reportd.cfg.`,
  );
}

function kindOf(source: string): SourceAddress['kind'] | undefined {
  try {
    return parseSource(source).kind;
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

interface WrittenFile {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
  readonly owner: Owner | undefined;
}

/** Built under a name that nobody can have taken before. */
function writeFile(file: WrittenFile): void {
  const { path } = file;
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  exchangeBuiltFile(
    path,
    (built) => {
      buildFile(built, file);
    },
    systemDisk,
    temporary,
  );
  syncDirectory(dirname(path));
}

/** It is the owner's before anything is in it. */
function buildFile(path: string, { content, mode, owner }: WrittenFile): void {
  const fd = openSync(path, 'wx', mode);
  try {
    if (owner) fchownSync(fd, owner.userId, owner.groupId);
    writeFully(fd, Buffer.from(content), 0);
    systemDisk.sync(fd);
  } finally {
    closeSync(fd);
  }
}

function written(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new Problem('file-not-written', `${path} cannot be written in ${dirname(path)}: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}

/**
 * Writes a configuration that was imported, with the maps and the secrets that it names; one that is there stays as it is.
 *
 * The configuration comes last, since without the others it would not load: who is killed before begins anew. A secret is for one user alone, who
 * is the one that our commands act as.
 * Problems: configuration-error, file-not-written.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, fchownSync, openSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Settings } from '#config/settings.ts';
import { systemDisk } from '#support/disk.ts';
import { exchangeBuiltFile, publishFile, syncDirectory, writeFully } from '#support/durable-file.ts';
import { isThere } from '#support/is-there.ts';
import { messageOf, Problem } from '#support/problem.ts';
import type { Imported } from '#sys4/configuration/import-sys4.ts';
import { settingsIn } from '#cli/arguments/command-settings.ts';
import type { Invocation } from '#cli/command.ts';
import { destinationMapsOf } from './destination-maps.ts';
import { strangerWhoOwns } from './owner.ts';
import type { Owner } from './owner.ts';
import { statePathOf } from './state.ts';

const OWNER_ONLY = 0o600;

export interface WriteOptions {
  /** Of the configuration. */
  readonly path: string;
  /** True to say what would be written, and write nothing. */
  readonly dryRun: boolean;
}

export function writeImported(imported: Imported, invocation: Invocation, { path, dryRun }: WriteOptions): void {
  const { print } = invocation;
  if (isThere(path)) {
    print(`${path}: is there already and stays as it is\n`);
    return;
  }
  const { toml, maps, secrets } = imported;
  refuseBadMaps(settingsIn(toml, path), new Set(maps.map((map) => map.path)));
  const owner = strangerWhoOwns(statePathOf(invocation));
  const files = [
    ...maps.map((map) => ({ ...map, write: publishFile })),
    ...secrets.map((secret) => ({ ...secret, write: secretWriter(owner) })),
    { path, content: toml, write: publishFile },
  ];
  for (const file of files) {
    if (!dryRun)
      written(file.path, () => {
        file.write(file.path, Buffer.from(file.content));
      });
    print(`${file.path}: ${dryRun ? 'would be written' : 'written'}\n`);
  }
}

/** Those that are there already; the others have one line each, which is ours. */
function refuseBadMaps(settings: Settings, own: ReadonlySet<string>): void {
  const there = (path: string | undefined): string | undefined =>
    path !== undefined && own.has(path) ? undefined : path;
  const { recordMap, mailMap, httpsMap } = settings;
  destinationMapsOf({ ...settings, recordMap: there(recordMap), mailMap: there(mailMap), httpsMap: there(httpsMap) });
}

/** Under a name that nobody can have taken before, and another user's before the secret is in it. */
function secretWriter(owner: Owner | undefined): (path: string, bytes: Uint8Array) => void {
  return (path, bytes) => {
    const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
    exchangeBuiltFile(
      path,
      (built) => {
        buildSecret(built, bytes, owner);
      },
      systemDisk,
      temporary,
    );
    syncDirectory(dirname(path));
  };
}

function buildSecret(path: string, bytes: Uint8Array, owner: Owner | undefined): void {
  const fd = openSync(path, 'wx', OWNER_ONLY);
  try {
    if (owner) fchownSync(fd, owner.userId, owner.groupId);
    writeFully(fd, bytes, 0);
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

/**
 * Reads the configuration of another program for those that import it.
 *
 * Problems: foreign-configuration-unreadable, usage-error.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, Problem } from '#support/problem.ts';
import { importSys4 } from '#sys4/configuration/import-sys4.ts';
import type { ForeignFile, Imported, ImportWish } from '#sys4/configuration/import-sys4.ts';
import { usageError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';

/**
 * What is written beside them is named by its whole path. `missing` says what to do when there is nothing to import.
 */
export function importForeignFiles(
  paths: readonly string[],
  environment: Invocation['environment'],
  { missing, ...wish }: ImportWish & { readonly missing: string },
): Imported {
  const result = importSys4(
    paths.map((path) => readForeignFile(resolve(path))),
    environment,
    wish.stateDir === undefined ? wish : { ...wish, stateDir: resolve(wish.stateDir) },
  );
  if (result.kind === 'nothing') throw usageError(missing);
  if (result.kind === 'unreadable') throw unreadable(...result.problems);
  return result;
}

function readForeignFile(path: string): ForeignFile {
  try {
    return { path, content: readFileSync(path) };
  } catch (error) {
    throw unreadable(`${path} cannot be read: ${messageOf(error)}.`);
  }
}

function unreadable(message = '', ...details: readonly string[]): Problem {
  return new Problem('foreign-configuration-unreadable', message, { details });
}

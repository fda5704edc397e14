/**
 * Where to fetch from, as it was typed: a path, an SFTP URL, the URL of a search engine, or a command.
 *
 * A path that ends in .yesterday, .sqlite or .db is a database of sys4's tlsrpt-collectd, any other one a state directory. A command is
 * split into words as a shell does it and run without one.
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isEngineUrl, parseEngineUrl } from '#adapters/opensearch/parse-engine-url.ts';
import type { EngineLocation } from '#adapters/opensearch/parse-engine-url.ts';
import { formatSftpUrl, parseSftpUrl } from '#adapters/sftp/parse-sftp-url.ts';
import type { SftpLocation } from '#adapters/sftp/parse-sftp-url.ts';
import type { Settings } from '#config/settings.ts';
import { asWritten, commandWords, firstWord } from '#support/command-words.ts';
import { Problem } from '#support/problem.ts';
import { configurationError, usageError } from '#cli/command.ts';
import type { GivenFlags } from '#cli/command.ts';

export type SourceAddress = { readonly name: string } & (
  | { readonly kind: 'path'; readonly path: string; readonly isDatabase: boolean }
  | { readonly kind: 'sftp'; readonly location: SftpLocation; readonly isDatabase: boolean }
  | { readonly kind: 'engine'; readonly location: EngineLocation }
  | { readonly kind: 'command'; readonly words: readonly [string, ...string[]] }
);

interface GivenSources {
  readonly settings: Pick<Settings, 'sources'>;
  readonly given: GivenFlags;
}

const PROGRAM_NAME = /^[\w.+-]+$/;

export function parseSource(text: string): SourceAddress {
  if (isEngineUrl(text)) return engineAddress(text);
  if (/^[a-z][\w+.-]*:\/\//i.test(text)) return sftpAddress(text);
  if (/^\.{0,2}\//.test(text) && !namesProgram(text)) return pathAddress(text);
  const words = wordsOf(text);
  const [program = '', ...rest] = words;
  if (rest.length === 0 && !PROGRAM_NAME.test(program) && !namesProgram(text))
    throw noSource(text, 'it is none of these');
  return { kind: 'command', name: asWritten(words), words: [program, ...rest] };
}

/** Those of `fetch.sources`. One that cannot be used is the configuration's mistake, unless it was typed. */
export function configuredSources({ settings, given }: GivenSources): SourceAddress[] {
  try {
    return settings.sources.map(parseSource);
  } catch (error) {
    if (!(error instanceof Problem) || given.texts('source').length > 0) throw error;
    throw configurationError(`fetch.sources: ${error.message}`);
  }
}

function sftpAddress(text: string): SourceAddress {
  const reading = parseSftpUrl(text);
  if (reading.kind === 'malformed') throw noSource(text, reading.why);
  const { location } = reading;
  return { kind: 'sftp', name: formatSftpUrl(location), location, isDatabase: isDatabase(location.path) };
}

function engineAddress(text: string): SourceAddress {
  const reading = parseEngineUrl(text);
  if (reading.kind === 'malformed') throw noSource(text, reading.why);
  const { location } = reading;
  return { kind: 'engine', name: location.name, location };
}

function pathAddress(text: string): SourceAddress {
  const path = resolve(text);
  return { kind: 'path', name: path, path, isDatabase: isDatabase(path) };
}

function isDatabase(path: string): boolean {
  return /\.(yesterday|sqlite|db)$/.test(path);
}

/** `/usr/bin/ssh mx1 tlsrpt-fetcher` begins like a path; no state directory does so with a program. */
function namesProgram(text: string): boolean {
  const first = firstWord(text);
  return first !== undefined && !isDatabase(first) && isProgram(first);
}

/** What nobody may look at is no program that could be run; as a directory it is refused when its turn comes. */
function isProgram(path: string): boolean {
  try {
    const stats = statSync(path);
    return stats.isFile() && (stats.mode & 0o111) !== 0;
  } catch {
    return false;
  }
}

function wordsOf(text: string): string[] {
  const words = commandWords(text);
  if (words) return words;
  throw noSource(
    text,
    'commands are run without a shell, so there can be no variables, patterns, pipes or the like in them',
  );
}

function noSource(text: string, why: string): Error {
  return usageError(
    `The source ${text.replace(/:\/\/[^@/]*@/, '://...@')} is neither a path nor a URL nor a command that can be used: ${why}.`,
  );
}

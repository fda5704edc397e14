/**
 * Which fetchers of sys4's reporter read what moves here, and which stay sources: decided by what a command reads, and not by how it is written.
 *
 * No command is run for that. One of which nobody knows what it reads stays a source: to lose the sessions of another host would be worse than
 * what comes of a source too many, which fetch finds out (`day-moved-before`).
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { withoutCredentials } from './hide-credentials.ts';
import { localFetcher } from './fetcher-command.ts';
import type { LocalFetcher } from './fetcher-command.ts';
import { ENVIRONMENT, readForeign } from './read-foreign.ts';
import type { ForeignKey } from './read-foreign.ts';
import { isSameDatabase, sqlitePath, sqlitePaths } from './storage-path.ts';
import type { ForeignContext } from './translation.ts';

export interface JudgedFetcher {
  readonly words: readonly string[];
  /** It reads the collector that moves here. */
  readonly isOwn: boolean;
  /** Why, as a clause: `it reads /var/lib/x.sqlite, which ...`. */
  readonly why: string;
}

/** The file that its fetcher reads where none is named: what is imported as such. */
const DEFAULT_FILE = '/etc/tlsrpt/fetcher.cfg';
const MAX_FILE_BYTES = 1_048_576;

/** `isMove`: what the fetcher's own section names is moved as well where there is no collector's. */
export function contextOf(keys: readonly ForeignKey[], { isMove }: { readonly isMove: boolean }): ForeignContext {
  const moved = hasSection(keys, 'tlsrpt_collectd') ? 'tlsrpt_collectd' : isMove ? 'tlsrpt_fetcher' : undefined;
  const ofFetcher = storageIn(keys, 'tlsrpt_fetcher');
  return {
    collectorStorages:
      moved !== undefined && hasSection(keys, moved) ? (storageIn(keys, moved)?.value ?? '') : undefined,
    fetcherStorage: ofFetcher?.value,
    isFetcherStorageVariable: ofFetcher?.path === ENVIRONMENT,
  };
}

export function judgeFetcher(words: readonly string[], context: ForeignContext): JudgedFetcher {
  const { collectorStorages } = context;
  const fetcher = localFetcher(words);
  if (!fetcher) return { words, isOwn: false, why: UNKNOWN };
  if (collectorStorages === undefined) return { words, isOwn: false, why: 'no collector is moved that it could read' };
  const reading = storageOf(fetcher, context);
  if (reading.kind === 'unknown') return { words, isOwn: false, why: reading.why };
  const { storage } = reading;
  if (storage === undefined) return { words, isOwn: true, why: `it reads the collector that ${MOVES}` };
  const [first = ''] = storage.split(',');
  const path = sqlitePath(first);
  const shown = path ?? withoutCredentials(first);
  const isOwn =
    path === undefined
      ? collectorStorages.split(',').some((one) => one.trim() === first.trim())
      : sqlitePaths(collectorStorages).some((one) => isSameDatabase(one, path));
  return isOwn
    ? { words, isOwn, why: `it reads ${shown}, whose collector ${MOVES}` }
    : { words, isOwn, why: `it reads ${shown}, which is not what the collector writes that ${MOVES}` };
}

const MOVES = 'tlsrpt collect takes the place of';
const UNKNOWN = 'nothing says what it reads; if that is the collector of this very host, take it out of fetch.sources';

type StorageReading =
  /** Undefined where it is set nowhere: the fetcher goes with its collector. */
  { readonly kind: 'known'; readonly storage: string | undefined } | { readonly kind: 'unknown'; readonly why: string };

/** As its fetcher finds it: option, variable, file. */
function storageOf({ options, variables }: LocalFetcher, context: ForeignContext): StorageReading {
  const { fetcherStorage, isFetcherStorageVariable } = context;
  const given = options.get('storage') ?? variables.get('TLSRPT_FETCHER_STORAGE');
  if (given !== undefined) return { kind: 'known', storage: given };
  const file = options.get('config_file');
  if (file === undefined || file === DEFAULT_FILE || isFetcherStorageVariable)
    return { kind: 'known', storage: fetcherStorage };
  return storageInFile(file);
}

function storageInFile(path: string): StorageReading {
  const content = readBounded(path);
  const { keys, problems } = content ? readForeign([{ path, content }], {}) : { keys: [], problems: [path] };
  const storage = storageIn(keys, 'tlsrpt_fetcher')?.value;
  if (problems.length === 0 && storage !== undefined) return { kind: 'known', storage };
  return {
    kind: 'unknown',
    why: `${path} does not say what it reads; if that is the collector of this very host, take it out of fetch.sources`,
  };
}

/** Undefined where it cannot be read. What is no plain file may never end. */
function readBounded(path: string): Uint8Array | undefined {
  try {
    if (!isAbsolute(path) || !statSync(path).isFile()) return undefined;
    const fd = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(MAX_FILE_BYTES);
      return bytes.subarray(0, readSync(fd, bytes));
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

function storageIn(keys: readonly ForeignKey[], section: string): ForeignKey | undefined {
  return keys.find((one) => one.section === section && one.key === 'storage');
}

function hasSection(keys: readonly ForeignKey[], section: string): boolean {
  return keys.some((one) => one.section === section);
}

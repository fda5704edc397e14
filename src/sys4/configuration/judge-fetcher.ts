/**
 * Which fetchers of sys4's reporter read what moves here, and which stay sources: decided by what a command reads, and not by how it is written.
 *
 * No command is run for that. Of one that may read either the operator has to say it: a source too many would count this host's sessions twice,
 * and one too few would lose those of another host.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { isAbout } from './decided-fetchers.ts';
import type { FetcherDecision } from './decided-fetchers.ts';
import { withoutCredentials } from './hide-credentials.ts';
import { fetcherCommands, localFetcher } from './fetcher-command.ts';
import type { LocalFetcher } from './fetcher-command.ts';
import { ENVIRONMENT, readForeign } from './read-foreign.ts';
import type { ForeignKey } from './read-foreign.ts';
import { isThisHost, remoteHost } from './remote-command.ts';
import { isSameDatabase, sqlitePath, sqlitePaths } from './storage-path.ts';
import type { ForeignContext } from './translation.ts';

export interface Judgement {
  /** The collector that moves here, or another one. */
  readonly reads: 'own' | 'other' | 'unknown';
  /** Why, as a clause: `it reads /var/lib/x.sqlite, which ...`. */
  readonly why: string;
}

export interface JudgedFetcher extends Judgement {
  readonly words: readonly string[];
}

/** The file that its fetcher reads where none is named: what is imported as such. */
const DEFAULT_FILE = '/etc/tlsrpt/fetcher.cfg';
const MAX_FILE_BYTES = 1_048_576;

export interface FetcherKnowledge {
  /** What the fetcher's own section names is moved as well where there is no collector's. */
  readonly isMove?: boolean;
  /** The names and addresses of this host. */
  readonly hostNames?: readonly string[];
  readonly decisions?: readonly FetcherDecision[];
}

export function contextOf(
  keys: readonly ForeignKey[],
  { isMove = false, hostNames = [], decisions = [] }: FetcherKnowledge,
): ForeignContext {
  const moved = hasSection(keys, 'tlsrpt_collectd') ? 'tlsrpt_collectd' : isMove ? 'tlsrpt_fetcher' : undefined;
  const ofFetcher = storageIn(keys, 'tlsrpt_fetcher');
  return {
    collectorStorages:
      moved !== undefined && hasSection(keys, moved) ? (storageIn(keys, moved)?.value ?? '') : undefined,
    fetcherStorage: ofFetcher?.value,
    isFetcherStorageVariable: ofFetcher?.path === ENVIRONMENT,
    hostNames,
    decisions,
  };
}

/** All that the reporter's section names. */
export function judgedFetchers(keys: readonly ForeignKey[], context: ForeignContext): JudgedFetcher[] {
  const value = keys.find(({ section, key }) => section === 'tlsrpt_reportd' && key === 'fetchers')?.value;
  return fetcherCommands(value ?? '').map((words) => judgeFetcher(words, context));
}

export function judgeFetcher(words: readonly string[], context: ForeignContext): JudgedFetcher {
  return { words, ...judged(words, context, (collectorStorages) => ofCommand(words, collectorStorages, context)) };
}

/** The operator decides first. `judge` is asked where a collector moves, and gets its storages. */
export function judged(
  words: readonly string[],
  { decisions, collectorStorages }: ForeignContext,
  judge: (collectorStorages: string) => Judgement,
): Judgement {
  const decision = decisions.find((one) => isAbout(one, words));
  if (decision) return { reads: decision.reads, why: 'that was said on the command line' };
  return collectorStorages === undefined ? other('no collector is moved that it could read') : judge(collectorStorages);
}

function ofCommand(words: readonly string[], collectorStorages: string, context: ForeignContext): Judgement {
  const host = remoteHost(words);
  if (host !== undefined) return onHost(host, context);
  const fetcher = localFetcher(words);
  return fetcher ? ofStorage(storageOf(fetcher, context), collectorStorages) : unknown('nothing says what it reads');
}

/** Of what is on a host, as far as the host alone says it. */
export function onHost(host: string, { hostNames }: ForeignContext): Judgement {
  return isThisHost(host, hostNames)
    ? unknown(`it runs on ${host}, which is this host, and nothing says what it reads there`)
    : other(`it runs on ${host}`);
}

function ofStorage(reading: StorageReading, collectorStorages: string): Judgement {
  if (reading.kind === 'unknown') return unknown(reading.why);
  const { storage } = reading;
  if (storage === undefined) return { reads: 'own', why: `it reads the collector that ${MOVES}` };
  const [first = ''] = storage.split(',');
  const path = sqlitePath(first);
  const shown = path ?? withoutCredentials(first);
  const isOwn =
    path === undefined
      ? collectorStorages.split(',').some((one) => one.trim() === first.trim())
      : sqlitePaths(collectorStorages).some((one) => isSameDatabase(one, path));
  return isOwn
    ? { reads: 'own', why: `it reads ${shown}, whose collector ${MOVES}` }
    : other(`it reads ${shown}, which is not what the collector writes that ${MOVES}`);
}

function other(why: string): Judgement {
  return { reads: 'other', why };
}

function unknown(why: string): Judgement {
  return { reads: 'unknown', why };
}

const MOVES = 'tlsrpt collect takes the place of';

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
  return { kind: 'unknown', why: `${path} does not say what it reads` };
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

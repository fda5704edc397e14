/**
 * The days that one host has published, implementing the port of fetch: its documents of a day become an ordinary day file of its identity.
 *
 * They are read as of one moment at which no publication was under way, and there must be as many as the note says, with as many sessions. The file gets the time of the
 * publication, by which the next run sees whether there is another one. What is in the documents is foreign: fetch verifies the file as any other copy.
 */
import { utimesSync } from 'node:fs';
import type { DayNote } from '#pipeline/publish/day-index.ts';
import type { CopyResult, CopyWish, StateSource } from '#pipeline/fetch/state-source.ts';
import type { Store } from '#store/store.ts';
import { readPublishedTally } from '#tlsrpt/published-tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { copyFailure } from './copy-failure.ts';
import { DomainCollector } from './domain-collector.ts';
import type { EngineClient } from './engine-client.ts';
import { EngineFailure } from './engine-failure.ts';
import { policiesIndex } from './index-names.ts';
import { closePointInTime, openPointInTime, scanPages } from './scan-index.ts';
import type { PointInTime } from './scan-index.ts';
import { searchNotes } from './search-notes.ts';
import type { FoundNote } from './search-notes.ts';

export interface HostSourceOptions {
  /** As for a state source. */
  readonly name: string;
  /** The identity of its state directory. */
  readonly origin: string;
  /** For people. */
  readonly host: string;
  readonly client: EngineClient;
  readonly prefix: string;
  readonly store: Store;
}

interface Copying extends HostSourceOptions {
  readonly day: UtcDay;
  readonly into: string;
  readonly wish: CopyWish;
}

const PAGE_DOCUMENTS = 2_000;
/** So many publications may come in between. */
const ATTEMPTS = 3;

export function hostSource(options: HostSourceOptions): StateSource {
  return {
    name: options.name,
    async copyDay(day, into, wish = {}) {
      try {
        return await copyDay({ ...options, day, into, wish });
      } catch (error) {
        if (error instanceof EngineFailure) return copyFailure(error);
        throw error;
      }
    },
  };
}

async function copyDay(copying: Copying): Promise<CopyResult> {
  const { known, partial = false } = copying.wish;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const found = await noteOf(copying);
    if (!found) return noNote(copying);
    const isWhole = found.note.closed && found.publication === found.published;
    if (!isWhole && !partial) return { kind: 'not-closed' };
    if (known?.modifiedSeconds === found.note.publishedSeconds) return { kind: 'unchanged' };
    const result = await copyAsOf(found, copying, isWhole);
    if (result) return result;
  }
  return { kind: 'unreachable', why: 'it is published again and again while it is read' };
}

async function noteOf({ client, prefix, origin, day, wish }: Copying): Promise<FoundNote | undefined> {
  const query = { bool: { filter: [{ term: { origin } }, { term: { day } }] } };
  const [note] = await searchNotes(client, { prefix, query, signal: wish.signal });
  return note;
}

/** It has published lately, so it is expected; who has gone on to later days had nothing of this one. */
async function noNote({ client, prefix, origin, host, day, wish }: Copying): Promise<CopyResult> {
  const query = { bool: { filter: [{ term: { origin } }] } };
  const [latest] = await searchNotes(client, { prefix, query, signal: wish.signal });
  if (latest && latest.note.day > day) return { kind: 'absent' };
  const last = latest ? `, and ${latest.note.day} last` : '';
  return {
    kind: 'unreachable',
    why: `${host} has published nothing of ${day}${last}; see there whether tlsrpt publish runs`,
  };
}

/** Undefined when another publication came in between. */
async function copyAsOf(found: FoundNote, copying: Copying, isWhole: boolean): Promise<CopyResult | undefined> {
  const { client, prefix, day, wish } = copying;
  const opened = await openPointInTime(client, { index: policiesIndex(prefix, day), signal: wish.signal });
  if (!opened) return found.note.documents > 0 ? removed(day) : copyDocuments(found, copying, isWhole, undefined);
  try {
    const again = isWhole ? await noteOf(copying) : found;
    if (again?.publication !== found.publication) return undefined;
    return await copyDocuments(found, copying, isWhole, opened);
  } finally {
    await closePointInTime(client, opened);
  }
}

async function copyDocuments(
  { note }: FoundNote,
  copying: Copying,
  isWhole: boolean,
  opened: PointInTime | undefined,
): Promise<CopyResult> {
  const { store, day, origin, into } = copying;
  const tallied = store.fetched.beginTallied(into, { day, origin });
  const domains = new DomainCollector((tally) => {
    tallied.add(tally);
  });
  try {
    if (opened) await readAll(opened, copying, domains);
  } catch (error) {
    tallied.discard();
    throw error;
  }
  domains.finish();
  const why = isWhole ? whyNotWhole(domains, note) : undefined;
  if (why !== undefined) {
    tallied.discard();
    return domains.documents === 0 ? removed(day) : { kind: 'damaged', why };
  }
  tallied.finish();
  utimesSync(`${into}.sqlite`, note.publishedSeconds, note.publishedSeconds);
  return { kind: 'copied', journal: !isWhole, leftOut: [...note.leftOut, ...domains.leftOut()] };
}

async function readAll(opened: PointInTime, copying: Copying, domains: DomainCollector): Promise<void> {
  const { client, prefix, day, origin, wish } = copying;
  const pages = scanPages(client, opened, {
    index: policiesIndex(prefix, day),
    query: { term: { origin } },
    sort: ['domain', 'digest'],
    pageSize: PAGE_DOCUMENTS,
    signal: wish.signal,
  });
  for await (const { total, documents } of pages) {
    for (const { source } of documents) domains.add(readPublishedTally(source));
    wish.progress?.(domains.documents, total);
  }
}

function removed(day: UtcDay): CopyResult {
  return {
    kind: 'gone',
    why: `the documents of ${day} have been removed from the engine`,
    advice: 'Fetch each day before its index is removed.',
  };
}

function whyNotWhole({ documents, sessions, unreadable }: DomainCollector, note: DayNote): string | undefined {
  if (documents !== note.documents) return shortOf('documents', documents, note.documents);
  const published = note.successful + note.failed;
  return unreadable > 0 || sessions === published ? undefined : shortOf('sessions', sessions, published);
}

function shortOf(what: string, there: number, expected: number): string {
  return `there are ${String(there)} ${what}, and ${String(expected)} were published`;
}

/**
 * A state directory that fetches, and others to fetch from, all made by the store in a directory of their own.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { directorySource } from '#adapters/directory/directory-source.ts';
import type { LogEvent } from '#events/event.ts';
import { fetchDay } from '#pipeline/fetch/fetch-day.ts';
import type { FetchOptions, FetchSummary } from '#pipeline/fetch/fetch-day.ts';
import type { StateSource } from '#pipeline/fetch/state-source.ts';
import type { DatabaseContext } from '#store/durable/database-file.ts';
import { journalPath, journalsOf } from '#store/durable/journal-files.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { SessionDayReader } from '#store/sessions/session-day.ts';
import { StateDirectory } from '#store/state-directory.ts';
import { Store } from '#store/store.ts';
import { systemDisk } from '#support/disk.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { makeDatagram } from './datagrams.ts';
import { writeDay } from './day-files.ts';

export const DAY = '2026-11-19' as UtcDay;
/** In the morning after it, when the runs are. */
export const MORNING_MS = Date.UTC(2026, 10, 20, 6);

export interface CollectWish {
  readonly domains: readonly string[];
  readonly day?: UtcDay;
  readonly closed?: boolean;
  readonly checkpoint?: boolean;
}

export class FetchFixture {
  readonly root: string;
  readonly store: Store;
  readonly context: DatabaseContext;
  /** What the last run told. */
  readonly logged: LogEvent[] = [];

  private constructor(root: string, store: Store, context: DatabaseContext) {
    this.root = root;
    this.store = store;
    this.context = context;
  }

  static async make(): Promise<FetchFixture> {
    const root = mkdtempSync(join(tmpdir(), 'tlsrpt-fetch-'));
    const context = { sqlite: await loadSqlite(), disk: systemDisk };
    return new FetchFixture(root, await Store.open(join(root, 'own')), context);
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }

  run(sources: readonly StateSource[], options: Partial<FetchOptions> = {}): Promise<FetchSummary> {
    const { store, logged } = this;
    logged.length = 0;
    const log = (event: LogEvent): unknown => logged.push(event);
    const clock = { nowMs: () => MORNING_MS };
    return fetchDay({ store, sources, day: DAY, partial: false, clock, log, ...options });
  }

  eventNames(): string[] {
    return this.logged.map(({ name }) => name);
  }

  /** A state directory of another host, with one domain of its name. */
  hostWith(host: string, wish: Omit<CollectWish, 'domains'>): StateSource {
    const path = join(this.root, host);
    this.collect(path, { domains: [`${host}.example`], ...wish });
    return directorySource(path);
  }

  /** A host to which the state directory of another one was copied before anything was collected. */
  cloneOf(original: string, host: string, closed = true): StateSource {
    const path = join(this.root, host);
    mkdirSync(path);
    cpSync(join(this.root, original, 'identity'), join(path, 'identity'));
    this.collect(path, { domains: [`${host}.example`], closed });
    return directorySource(path);
  }

  collectMore(host: StateSource, wish: CollectWish): void {
    this.collect(host.name, wish);
  }

  collect(path: string, { domains, day = DAY, closed = false, checkpoint = false }: CollectWish): void {
    const host = new StateDirectory(path);
    const ending = closed ? 'closed' : checkpoint ? 'checkpointed' : 'open';
    writeDay(this.context, {
      stem: host.sessionStem(day),
      identity: { day, origin: host.identity() },
      datagrams: domains.map((domain) => makeDatagram({ domain })),
      ending,
    });
  }

  /** Where other hosts' days are kept. */
  get fetched(): string {
    return join(this.store.path, 'fetched');
  }

  /** The names under fetched/ that readers see. */
  visibleFetched(): string[] {
    return readdirSync(this.fetched).filter((name) => !name.startsWith('.'));
  }

  sessionStem({ name }: StateSource): string {
    return join(name, 'sessions', DAY);
  }

  /** The paths of a day's journals, in their order. */
  journalsOf(host: StateSource): string[] {
    const stem = this.sessionStem(host);
    return journalsOf(systemDisk, stem).map((number) => journalPath(stem, number));
  }

  fetchedStem({ name }: StateSource, day = DAY): string {
    return join(this.fetched, this.store.fetched.folderOf(name), day);
  }

  partialStem({ name }: StateSource): string {
    return join(this.fetched, this.store.fetched.folderOf(name), `${DAY}.partial`);
  }

  fetchedDomains(source: StateSource): string[] {
    return domainsIn(this.store.fetched.read(this.store.fetched.folderOf(source.name), DAY));
  }

  partialDomains(source: StateSource): string[] {
    return domainsIn(this.store.fetched.readPartial(this.store.fetched.folderOf(source.name), DAY));
  }
}

/** Of a file that stands alone; anything else holds none. */
function domainsIn(reader: SessionDayReader | undefined): string[] {
  if (reader?.closed !== true) return [];
  const domains = [...reader.domainTallies()].map(({ domain }) => domain);
  reader.close();
  return domains;
}

/** The same host by another name. */
export function aliasOf(host: StateSource): StateSource {
  return directorySource(`${host.name}/.`);
}

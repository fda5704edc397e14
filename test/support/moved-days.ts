/**
 * What another program had counted of a day on this host, and what readers here and elsewhere find of it.
 */
import { expect } from 'vitest';
import { directorySource } from '#adapters/directory/directory-source.ts';
import type { LogEvent } from '#events/event.ts';
import { fetchDay } from '#pipeline/fetch/fetch-day.ts';
import type { DatabaseContext } from '#store/durable/database-file.ts';
import { FileBytes } from '#store/durable/file-bytes.ts';
import { SqliteDatabase } from '#store/durable/sqlite.ts';
import type { SessionDayReader } from '#store/sessions/session-day.ts';
import { Store } from '#store/store.ts';
import { CollectedDays, DAY } from './collected-days.ts';
import { makeDatagram } from './datagrams.ts';
import { scratchDirectory } from './scratch.ts';

const PAGE_BYTES = 4_096;

export function failedSessions(domain: string, times: number): Buffer[] {
  return Array<Buffer>(times).fill(makeDatagram({ domain, failures: [{ code: 204, receivingIp: '192.0.2.1' }] }));
}

/** What another program has counted. */
export async function counted(...datagrams: readonly Buffer[][]): Promise<SessionDayReader[]> {
  const days = await CollectedDays.make();
  days.collect(datagrams.flat());
  const reader = days.store.sessions.read(DAY);
  return reader ? [reader] : [];
}

/** Failed sessions by domain. Closes the reader. */
export function sumsIn(reader: SessionDayReader | undefined): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { domain, policies } of reader?.domainTallies() ?? [])
    for (const { failed, failures } of policies) {
      expect(failures.map((failure) => failure.sessions)).toEqual([failed]);
      sums[domain] = (sums[domain] ?? 0) + failed;
    }
  reader?.close();
  return sums;
}

/** As another host of ours reads the day. */
export async function elsewhere(
  stateDir: string,
  log: (event: LogEvent) => void = () => undefined,
): Promise<Record<string, number> | string> {
  const store = await Store.open(scratchDirectory());
  const sources = [directorySource(stateDir)];
  const [row] = await fetchDay({ store, day: DAY, partial: false, sources, log });
  return row?.result === 'fetched'
    ? sumsIn(store.fetched.read(store.fetched.folderOf(stateDir), DAY))
    : String(row?.result);
}

/** Nobody can read any more what the snapshot at that path has counted but sessions: among it, which pieces it has. */
export function overwriteCounters({ sqlite, disk }: DatabaseContext, path: string): void {
  const database = new SqliteDatabase(sqlite, new FileBytes(disk, path, 'read'));
  const [row] = database.all("SELECT rootpage FROM sqlite_schema WHERE name = 'counters'");
  database.close();
  const fd = disk.open(path, 'read-write');
  disk.write(fd, Buffer.alloc(PAGE_BYTES, 0xff), (Number(row?.['rootpage']) - 1) * PAGE_BYTES);
  disk.sync(fd);
  disk.close(fd);
}

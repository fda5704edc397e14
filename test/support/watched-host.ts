/**
 * A host whose collector writes what a test says, by the code of the real one, and that is watched by a clock which the test moves.
 */
import { join } from 'node:path';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { DatabaseContext } from '#store/durable/database-file.ts';
import { SessionJournal } from '#store/sessions/session-journal.ts';
import { Store } from '#store/store.ts';
import { DatagramBatch } from '#store/tally/datagram-payload.ts';
import { ensureDirectory } from '#support/durable-file.ts';
import { systemDisk } from '#support/disk.ts';
import type { Disk } from '#support/disk.ts';
import type { LogEvent } from '#events/event.ts';
import { Watch } from '#pipeline/watch/watch.ts';
import type { WatchLimits } from '#pipeline/watch/watch-limits.ts';
import { incidentNotice, incidentsNotice, incidentSubject } from '#cli/output/watch-notice.ts';
import { ShellCommands } from '#pipeline/check/shell-commands.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { tallyDay } from './day-files.ts';
import type { ManualClock } from './manual-clock.ts';
import { scratchDirectory } from './scratch.ts';

export interface SeenSession {
  readonly domain: string;
  /** The failure code of libtlsrpt; undefined for a success. */
  readonly code?: number | undefined;
  readonly mx?: string | undefined;
  readonly reason?: string;
  /** How often it comes. */
  readonly times?: number;
}

export const LIMITS: WatchLimits = {
  ownDomains: [],
  windowMs: 3_600_000,
  leastFailures: 5,
  leastShare: 0.5,
  leastWave: 10,
  leastSilenceMs: 90_000,
  overMs: 600_000,
  mostNotices: 10,
};

/** One datagram of libtlsrpt. */
export function sessionDatagram({ domain, code, mx = `mx.${domain}`, reason }: SeenSession): Buffer {
  const details = code === undefined ? [] : [{ c: code, n: mx, r: '192.0.2.25', f: reason }];
  const policy = { 'policy-type': 9, 'policy-domain': domain, 'failure-details': details, f: details.length };
  return Buffer.from(
    JSON.stringify({ dpv: '1', d: domain, pr: 'v=TLSRPTv1;rua=mailto:tls@a.example', policies: [policy] }),
  );
}

export class WatchedHost {
  readonly clock: ManualClock;
  readonly path: string;
  readonly events: LogEvent[] = [];
  /** Of the disk of the watch alone. */
  readonly #context: DatabaseContext;
  readonly #watchDisk: Disk;
  #journal: SessionJournal | undefined;
  #day: UtcDay;
  #batch = new DatagramBatch();
  readonly #numbers = new Map<string, number>();
  #made = 0;

  private constructor(clock: ManualClock, context: DatabaseContext, watchDisk: Disk) {
    this.clock = clock;
    this.#context = context;
    this.#watchDisk = watchDisk;
    this.path = scratchDirectory();
    this.#day = utcDayOf(clock.nowMs());
  }

  static async make(clock: ManualClock, watchDisk = systemDisk): Promise<WatchedHost> {
    return new WatchedHost(clock, { sqlite: await loadSqlite(), disk: systemDisk }, watchDisk);
  }

  stemOf(day: UtcDay): string {
    return join(this.path, 'sessions', day);
  }

  /** It comes now; it is in no file before `write`. */
  see(session: SeenSession): void {
    const bytes = sessionDatagram(session);
    const key = bytes.toString();
    const known = this.#numbers.get(key) ?? this.#numbers.size;
    if (known === this.#numbers.size) {
      this.#batch.define(known, bytes);
      this.#numbers.set(key, known);
    }
    for (let time = 0; time < (session.times ?? 1); time += 1) this.#batch.count(known);
  }

  async write(): Promise<void> {
    if (this.#batch.isEmpty) return;
    const journal = (this.#journal ??= await this.#open());
    journal.put(this.#batch.cut());
    await journal.write();
  }

  /** What is in the journals goes into the snapshot, while the day goes on. */
  async checkpoint(): Promise<void> {
    await this.write();
    await this.#close();
    tallyDay(this.#context, this.stemOf(this.#day), 'checkpointed');
  }

  /** The collector ends and starts again: its numbers begin anew. */
  async restartCollector(): Promise<void> {
    await this.write();
    await this.#close();
    this.#beginAnew();
  }

  /** The day is over and closed; the clock says which one it is. */
  async closeDay(): Promise<void> {
    await this.write();
    await this.#close();
    tallyDay(this.#context, this.stemOf(this.#day), 'closed');
    this.#day = utcDayOf(this.clock.nowMs());
    this.#beginAnew();
  }

  /** The book has to be let go by whoever had it. */
  async watch(
    limits: Partial<WatchLimits> = {},
    ways: readonly string[] = ['mail'],
  ): Promise<{ watch: Watch; store: Store }> {
    const store = await Store.open(this.path, this.#watchDisk);
    store.watch.open();
    const making = { host: 'mx.example', commands: new ShellCommands([]) };
    const next = (): { id: string; madeMs: number } => ({ id: String((this.#made += 1)), madeMs: this.clock.nowMs() });
    const watch = await Watch.begin({
      store,
      limits: { ...LIMITS, ...limits },
      clock: this.clock,
      log: (event) => void this.events.push(event),
      ways,
      subjectOf: incidentSubject,
      noticeOf: (news) => incidentNotice(news, { ...making, ...next() }),
      sumOf: (news, uncounted) => incidentsNotice(news, uncounted, { ...making, ...next() }),
    });
    return { watch, store };
  }

  #beginAnew(): void {
    this.#numbers.clear();
    this.#batch = new DatagramBatch();
    this.#batch.beginAnew();
  }

  async #open(): Promise<SessionJournal> {
    ensureDirectory(join(this.path, 'sessions'), systemDisk);
    return SessionJournal.open({
      disk: systemDisk,
      stem: this.stemOf(this.#day),
      identity: { day: this.#day, origin: 'here' },
      loadContext: () => Promise.resolve(this.#context),
      announce: () => undefined,
    });
  }

  async #close(): Promise<void> {
    await this.#journal?.sync();
    this.#journal?.close();
    this.#journal = undefined;
  }
}

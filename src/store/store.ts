/**
 * Everything of this machine that survives a crash: opened once by a command, and handed to the stages as it is.
 *
 * Which files there are, where, and in which form they are written is known in this folder alone.
 */
import { join } from 'node:path';
import { systemDisk } from '#support/disk.ts';
import { systemUptime } from '#support/uptime.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { loadSqlite } from './durable/sqlite.ts';
import { FetchedDays } from './fetched/fetched-days.ts';
import { HostCounts } from './host-counts.ts';
import { InboundDays } from './inbound/inbound-days.ts';
import { KnownDestinations } from './known-destinations.ts';
import { MovedSessions } from './sessions/moved-sessions.ts';
import { Notices } from './notices.ts';
import { Outboxes } from './outbox/outboxes.ts';
import { Quarantine } from './quarantine.ts';
import { ReportedDays } from './reported-days.ts';
import {
  ageTroubles,
  expiredDays,
  expiredInboundDays,
  removeOldInbound,
  removeOldOutboxes,
  removeOldSessions,
} from './retention.ts';
import type { RemovedDay, Retention } from './retention.ts';
import { Runs } from './runs.ts';
import { ScratchTexts } from './scratch-texts.ts';
import { Sessions } from './sessions/sessions.ts';
import { SharedState } from './shared-state.ts';
import { StateDirectory } from './state-directory.ts';
import { dayVersionsIn } from './state-versions.ts';
import type { DayVersions } from './state-versions.ts';
import type { StoreContext } from './store-context.ts';
import { unlessRefused } from './store-problem.ts';
import type { StoreProblem } from './store-problem.ts';
import { WatchFile } from './watch-book.ts';

export class Store {
  /** The state directory. */
  readonly path: string;
  /** What this host saw. */
  readonly sessions: Sessions;
  /** What another program had counted of this host's days. */
  readonly moved: MovedSessions;
  /** What other hosts saw. */
  readonly fetched: FetchedDays;
  /** Reports, each with its deliveries. */
  readonly outboxes: Outboxes;
  /** What is known about reporting addresses. */
  readonly destinations: KnownDestinations;
  /** How many reports each host was given today. */
  readonly hostCounts: HostCounts;
  /** What others reported about us. */
  readonly inbound: InboundDays;
  /** What the operator was told of that, and is still to be told. */
  readonly notices: Notices;
  /** What is going on, as `watch` knows, and what it is still to tell. */
  readonly watch: WatchFile;
  /** A sample of what could not be read. */
  readonly quarantine: Quarantine;
  /** Which days were reported. */
  readonly reportedDays: ReportedDays;
  /** When report and send last ran. */
  readonly runs: Runs;
  readonly #context: StoreContext;
  readonly #state: StateDirectory;
  readonly #uptime: typeof systemUptime;

  private constructor(context: StoreContext, uptime: typeof systemUptime) {
    this.#uptime = uptime;
    this.#context = context;
    this.#state = context.state;
    this.path = context.state.path;
    this.sessions = new Sessions(context);
    this.moved = new MovedSessions(context);
    this.runs = new Runs(context.state);
    this.reportedDays = new ReportedDays(context.state);
    this.fetched = new FetchedDays(context);
    this.outboxes = new Outboxes(context);
    this.destinations = new KnownDestinations(context);
    this.hostCounts = new HostCounts(context);
    this.inbound = new InboundDays(context);
    this.notices = new Notices(context.state);
    this.watch = new WatchFile(context.state);
    this.quarantine = new Quarantine(context.state.quarantine, context.disk);
  }

  /** Writes nothing: a directory that is not there yet is made with the first file in it. */
  static async open(path: string, disk = systemDisk, uptime = systemUptime): Promise<Store> {
    return new Store({ sqlite: await loadSqlite(), disk, state: new StateDirectory(path, disk) }, uptime);
  }

  /** The same, with outboxes of its own for reports that all reporters share whose identity this is. */
  shared(identity: string): Store {
    return new Store({ ...this.#context, state: new SharedState(this.#state, identity) }, this.#uptime);
  }

  /** False while there is no state directory. */
  get exists(): boolean {
    return this.#state.exists;
  }

  /** When the state directory was made; undefined when nobody knows. */
  get madeMs(): number | undefined {
    return this.#state.madeMs;
  }

  /** Makes the state directory, and its identity, when they are not there yet. */
  identity(): string {
    return this.#state.identity();
  }

  /** Why the identity cannot be used, so that nothing is stored or reported; undefined when it can, and when there is none yet. */
  identityTrouble(): StoreProblem | undefined {
    return this.#state.identityTrouble();
  }

  /** What the names of deliveries in envelopes are made with. Made when it is not there yet. */
  bounceKey(): Uint8Array {
    return this.#state.bounceKey();
  }

  /** The same, undefined while there is none. */
  knownBounceKey(): Uint8Array | undefined {
    return this.#state.knownBounceKey();
  }

  /** In which version the files of each day are. To be asked for before the days are read. */
  versions(of: 'sessions' | 'outbox' | 'inbound'): DayVersions {
    const { disk, path, sessionFolders } = this.#state;
    return dayVersionsIn(disk, of === 'sessions' ? sessionFolders : [join(path, of)]);
  }

  /** To be closed by whoever asks for it. */
  scratchTexts(): ScratchTexts {
    return new ScratchTexts(this.#state);
  }

  /** What is older than it is to be kept, see retention.ts. `ageless` hears why it is not known how old days are. */
  async removeOldDays(retention: Retention, ageless: (why: StoreProblem) => void): Promise<RemovedDay[]> {
    const { days: expired, trouble } = await expiredDays(this.#state, retention, this.#uptime());
    if (trouble) ageless(trouble);
    const days = removeOldSessions(this.#state, expired);
    const reports = removeOldOutboxes(this.#state, expired, (day) => this.outboxes.read(day));
    const latest = reports.at(-1)?.day;
    if (latest !== undefined) this.#forgetAddresses(latest);
    return [...days, ...reports];
  }

  /** What addresses answered goes with the reports that they answered to. Where it cannot go now it goes with a later day. */
  #forgetAddresses(day: UtcDay): void {
    unlessRefused(() => {
      this.destinations.change((destinations) => {
        destinations.forget(day);
      });
    });
  }

  /** The same of what others reported about us. */
  async removeOldInbound(retention: Retention, ageless: (why: StoreProblem) => void): Promise<RemovedDay[]> {
    const { days, trouble } = await expiredInboundDays(this.#state, retention, this.#uptime());
    if (trouble) ageless(trouble);
    return removeOldInbound(this.#state, days);
  }

  /** Why it is not known how old days are: then they stay for longer. */
  ageTroubles(): StoreProblem[] {
    return ageTroubles(this.#state);
  }
}

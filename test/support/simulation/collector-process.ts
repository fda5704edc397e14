/**
 * One run of the collector: the real stage on a disk and a clock of the simulation.
 */
import type { LogEvent } from '#events/event.ts';
import { CollectFigures } from '#pipeline/collect/collect-figures.ts';
import { collect } from '#pipeline/collect/collect.ts';
import type { Receiver } from '#pipeline/collect/receiver.ts';
import { noServiceManager } from '#pipeline/collect/service-manager.ts';
import { CollectorStore } from '#store/collector-store.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { Quarantine } from '#store/quarantine.ts';
import { StateDirectory } from '#store/state-directory.ts';
import type { TallyNews } from '#store/tally/day-talliers.ts';
import type { TallyRunner } from '#store/tally/tally-runner.ts';
import type { SteadyClock } from '#support/clock.ts';
import type { Uptime } from '#support/uptime.ts';
import { LaggingTally } from './lagging-tally.ts';
import { ProcessDisk } from './process-disk.ts';
import type { ProcessDiskOptions } from './process-disk.ts';
import { SimulatedReceiver } from './simulated-receiver.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface CollectorProcessOptions extends ProcessDiskOptions {
  readonly path: string;
  readonly clock: VirtualClock;
  readonly sqlite: Sqlite;
  readonly uptime: () => Uptime;
  readonly keepDays: number | undefined;
  readonly tally: 'here' | 'lagging';
  readonly log: (event: LogEvent) => void;
}

export type Outcome = { readonly kind: 'stored-all' } | { readonly kind: 'failed'; readonly why: unknown };

const TALLY_MS = 1_000;

export class CollectorProcess {
  readonly disk: ProcessDisk;
  readonly receiver: SimulatedReceiver;
  readonly figures = new CollectFigures();
  isReady = false;
  /** Undefined while it runs, and for ever when it was killed. */
  outcome: Outcome | undefined;
  isSleeping = false;
  readonly #options: CollectorProcessOptions;
  readonly #stopping = new AbortController();
  #tally: LaggingTally | undefined;

  constructor(options: CollectorProcessOptions) {
    this.#options = options;
    this.disk = new ProcessDisk(options);
    this.receiver = new SimulatedReceiver(options.clock);
  }

  /** Returns when it is under way. */
  async start(): Promise<void> {
    const { path, clock, keepDays, uptime } = this.#options;
    const store = new CollectorStore(path, this.disk, uptime);
    const startTally = await this.#tallyOf(store);
    void collect({
      store,
      clock: this.#clockOf(clock),
      log: (event) => {
        if (!this.disk.isDead) this.#options.log(event);
      },
      keepDays,
      figures: this.figures,
      isOver: false,
      tallyMs: TALLY_MS,
      stopping: this.#stopping.signal,
      serviceManager: noServiceManager,
      startTally,
      startReceivers: () => this.#startReceivers(),
    }).then(
      () => {
        this.#end({ kind: 'stored-all' });
      },
      (why: unknown) => {
        this.#end({ kind: 'failed', why });
      },
    );
  }

  /** As at SIGTERM. */
  stop(): void {
    this.#stopping.abort();
  }

  get isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  get hasEnded(): boolean {
    return this.outcome !== undefined || this.disk.isDead;
  }

  /** True when nothing happens before time passes, something comes, or the disk goes on. */
  get isWaiting(): boolean {
    return this.hasEnded || this.receiver.isWaitedFor || this.isSleeping;
  }

  /** False when there was nothing to do. */
  tallyTurn(): boolean {
    return !this.disk.isDead && this.#tally?.turn() === true;
  }

  #end(outcome: Outcome): void {
    if (!this.disk.isDead) this.outcome = outcome;
  }

  #startReceivers(): Promise<readonly Receiver[]> {
    this.isReady = true;
    return Promise.resolve([this.receiver]);
  }

  #clockOf(clock: VirtualClock): SteadyClock {
    return {
      nowMs: () => clock.nowMs(),
      steadyMs: () => clock.steadyMs(),
      sleep: async (durationMs) => {
        this.isSleeping = true;
        await clock.sleep(durationMs);
        this.isSleeping = false;
      },
    };
  }

  async #tallyOf(store: CollectorStore): Promise<(tell: (news: TallyNews) => void) => TallyRunner> {
    const { path, sqlite, clock, tally } = this.#options;
    if (tally === 'here') return store.tallyHere(this.#clockOf(clock));
    const state = new StateDirectory(path, this.disk);
    return (tell) => {
      const { disk } = this;
      const quarantine = new Quarantine(state.quarantine, disk);
      const options = { sqlite, disk, stemOf: state.sessionStem.bind(state), quarantine, tell, clock };
      this.#tally = new LaggingTally(options, clock);
      return this.#tally;
    };
  }
}

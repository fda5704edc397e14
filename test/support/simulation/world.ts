/**
 * A machine with a collector: its disk, its clocks, the process that runs, and the model that knows what must be true.
 *
 * Nothing happens but by turns: the collector goes on until it waits for time, for datagrams or for the disk, then the simulation does
 * the next thing. So the seed decides everything.
 */
import type { LogEvent } from '#events/event.ts';
import { loadSqlite } from '#store/durable/sqlite.ts';
import type { Sqlite } from '#store/durable/sqlite.ts';
import { StateDirectory } from '#store/state-directory.ts';
import { StoreProblem } from '#store/store-problem.ts';
import type { Uptime } from '#support/uptime.ts';
import { SeededRandom } from '../seeded-random.ts';
import { SimulatedDisk } from '../simulated-disk.ts';
import { CollectorProcess } from './collector-process.ts';
import { DiskHealth } from './disk-health.ts';
import { FaultPlan } from './fault-plan.ts';
import { Model } from './model.ts';
import { ModelDay } from './model-day.ts';
import { RemovedDays } from './removed-days.ts';
import { SimulationFailure } from './simulation-failure.ts';
import type { Reading } from './stored-counts.ts';
import { VirtualClock } from './virtual-clock.ts';

/** In the names of temporary files, which differ from life to life. */
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

const START_MS = Date.UTC(2026, 10, 19, 9);
const STATE = '/var/lib/tlsrpt';
/** A collector that goes on for so many turns while no time passes never waits. */
const MOST_TURNS = 20_000;
const MOST_ALARMS_AT_ONCE = 200;

export interface Setup {
  readonly keepDays: number | undefined;
  readonly tally: 'here' | 'lagging';
}

export class World {
  readonly random: SeededRandom;
  readonly clock = new VirtualClock(START_MS);
  readonly model = new Model();
  readonly day = new ModelDay(this.clock);
  readonly health = new DiskHealth();
  readonly faults: FaultPlan;
  readonly setup: Setup;
  readonly sqlite: Sqlite;
  readonly removed: RemovedDays;
  readonly trace: string[] = [];
  /** What turned out not to be true within a call of the collector. */
  readonly failures: string[] = [];
  /** Percent of turns in which the tally has one, too. */
  tallyPercent = 100;
  disk: SimulatedDisk;
  process: CollectorProcess | undefined;
  /** True from a planned death that is to be one of the machine. */
  losesPower = false;
  /** How often the machine has lost its power. */
  powerLosses = 0;
  /** Since when it has been up. */
  bootedMs = 0;
  #wasRefused = false;
  #held = { writes: false, syncs: false };

  private constructor(seed: number, sqlite: Sqlite) {
    this.random = new SeededRandom(seed);
    this.sqlite = sqlite;
    this.disk = new SimulatedDisk({ clock: this.clock });
    this.faults = new FaultPlan(this.random);
    this.setup = {
      keepDays: this.random.pick([[], [2], [5], [30]])[0],
      tally: this.random.pick(['here', 'lagging', 'lagging']),
    };
    this.removed = new RemovedDays(this);
    this.note(`seed ${String(seed)}: ${JSON.stringify(this.setup)}`);
  }

  static async make(seed: number): Promise<World> {
    return new World(seed, await loadSqlite());
  }

  /** The files, as another process sees them. */
  get reading(): Reading {
    const disk = this.disk.forAnotherProcess();
    return { sqlite: this.sqlite, disk, state: new StateDirectory(STATE, disk) };
  }

  note(what: string): void {
    const { clock } = this;
    this.trace.push(`${clock.steadyMs().toFixed(0).padStart(12)} ${new Date(clock.nowMs()).toISOString()} ${what}`);
  }

  /** A collector is started, which may fail when the disk does. */
  async start(): Promise<void> {
    this.note('start');
    this.day.noteStarted();
    this.model.noteStarted();
    this.health.noteStarted(this.clock.steadyMs());
    this.#wasRefused = false;
    this.process = new CollectorProcess({ ...this.setup, ...this.#hooks(), disk: this.disk, ...this.#machine() });
    await this.process.start();
    await this.settle();
  }

  give(key: string, bytes: Buffer): void {
    if (!this.process || this.process.hasEnded || this.process.isStopping) return;
    const days = this.day.daysFor(this.health.isIll(this.clock.steadyMs()));
    this.model.give(key, days, this.clock.steadyMs());
    this.removed.noteGiven(days);
    this.process.receiver.give(bytes);
  }

  /** Lets time pass, in which whatever is due happens. */
  async advance(durationMs: number): Promise<void> {
    await this.settle();
    const untilMs = this.clock.steadyMs() + durationMs;
    for (let alarms = 0, lastMs = -1; this.clock.advanceToAlarm(untilMs); alarms += 1) {
      if (this.clock.steadyMs() > lastMs) alarms = 0;
      if (alarms > MOST_ALARMS_AT_ONCE) throw new SimulationFailure('the collector spins while no time passes');
      lastMs = this.clock.steadyMs();
      await this.settle();
    }
    await this.settle();
  }

  /** Lets much time pass at once, after everything that was under way has come to rest. */
  async leap(durationMs: number): Promise<void> {
    await this.advance(Math.min(durationMs, 5_000));
    this.clock.leapTo(this.clock.steadyMs() + Math.max(0, durationMs - 10_000));
    await this.settle();
    await this.advance(Math.min(Math.max(0, durationMs - 5_000), 5_000));
  }

  /** The wall clock is wrong by so much from now on, until it is told otherwise. */
  async setClockError(errorMs: number): Promise<void> {
    const byMs = errorMs - this.clock.errorMs;
    this.note(`the clock jumps by ${String(byMs / 1_000)} s`);
    this.clock.errorMs = errorMs;
    this.day.noteJumped(byMs);
    await this.settle();
  }

  hold(held: { readonly writes: boolean; readonly syncs: boolean }): void {
    this.#held = held;
    if (held.writes) this.disk.heldWrites.hold();
    else this.disk.heldWrites.release();
    if (held.syncs) this.disk.heldSyncs.hold();
    else this.disk.heldSyncs.release();
  }

  kill(): void {
    this.process?.disk.die();
  }

  /** Goes on until nothing more happens before time passes. */
  async settle(): Promise<void> {
    for (let turns = 0; ; turns += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      this.#notePassed();
      const percent = this.process?.isStopping === true ? 100 : this.tallyPercent;
      const isTallying = this.random.below(100) < percent && this.process?.tallyTurn() === true;
      const [failure] = this.failures;
      if (failure !== undefined) throw new SimulationFailure(failure);
      if (!isTallying && this.#isWaiting) break;
      if (turns > MOST_TURNS) throw new SimulationFailure('the collector goes on and on while no time passes');
    }
    this.#noteEnd();
  }

  get #isWaiting(): boolean {
    const { process, disk } = this;
    return !process || process.isWaiting || disk.heldWrites.waiting + disk.heldSyncs.waiting > 0;
  }

  #notePassed(): void {
    const nowMs = this.clock.steadyMs();
    this.day.look();
    if (!this.process || this.process.hasEnded) return;
    this.health.noteHeld(nowMs, this.#held);
    this.health.tell(this.model, this.day.day, nowMs);
  }

  #noteEnd(): void {
    const { process } = this;
    if (!process?.hasEnded) return;
    this.process = undefined;
    this.hold({ writes: false, syncs: false });
    this.tallyPercent = 100;
    if (process.disk.isDead) this.#noteDeath();
    else this.#noteOutcome(process);
  }

  #noteDeath(): void {
    if (this.losesPower) {
      this.disk = this.disk.losePower(this.random);
      this.powerLosses += 1;
      this.bootedMs = this.clock.steadyMs();
      this.model.notePowerLost();
      this.removed.notePowerLost();
    } else {
      this.disk = this.disk.forAnotherProcess();
      this.model.noteKilled();
    }
    this.losesPower = false;
  }

  #noteOutcome(process: CollectorProcess): void {
    this.disk = this.disk.forAnotherProcess();
    const { outcome, figures } = process;
    if (figures.dropped > 0) throw new SimulationFailure('datagrams were dropped though there was room');
    if (outcome?.kind === 'stored-all') this.model.noteSafe(Infinity, this.day.day);
    this.model.noteKilled();
    this.note(outcome?.kind === 'failed' ? `ended: ${String(outcome.why)}` : 'ended, all is stored');
    if (outcome?.kind === 'failed') this.#judge(outcome.why, process);
  }

  /** Only a disk that refuses may keep a collector from starting, or from storing everything in the end. */
  #judge(why: unknown, { isReady, isStopping }: CollectorProcess): void {
    const isAllowed = why instanceof StoreProblem && this.#wasRefused && (isStopping || !isReady);
    if (isAllowed) return;
    const stack = why instanceof Error ? why.stack : undefined;
    throw new SimulationFailure(`the collector ended: ${stack ?? String(why)}`);
  }

  #machine(): Pick<ConstructorParameters<typeof CollectorProcess>[0], 'path' | 'clock' | 'sqlite' | 'uptime'> {
    const { clock, sqlite, powerLosses, bootedMs } = this;
    const uptime = (): Uptime => ({ boot: String(powerLosses), upMs: clock.steadyMs() - bootedMs });
    return { path: STATE, clock, sqlite, uptime };
  }

  #hooks(): Pick<ConstructorParameters<typeof CollectorProcess>[0], 'plan' | 'refused' | 'died' | 'removing' | 'log'> {
    return {
      plan: (call) => this.faults.next(call),
      refused: (call, path, fault) => {
        this.note(`the disk refuses ${call} of ${path.replace(UUID, 'UUID')}: ${JSON.stringify(fault)}`);
        this.health.noteRefused(this.clock.steadyMs());
        this.#wasRefused = true;
        if (fault.unsynced !== undefined) this.model.noteDropped();
      },
      died: () => {
        this.note(this.losesPower ? 'power is lost' : 'killed');
      },
      removing: (path) => this.removed.removing(path),
      log: (event) => {
        this.#hear(event);
      },
    };
  }

  #hear({ name, message }: LogEvent): void {
    this.note(`log: ${name}: ${message}`);
    if (name === 'journal-damaged' || name === 'damaged-day-set-aside') this.failures.push(`called damage: ${message}`);
  }
}

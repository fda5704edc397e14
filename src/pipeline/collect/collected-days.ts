/**
 * The days that the collector has open: the one that goes on, and those that are over but not closed yet.
 *
 * A datagram counts for the day in which it arrived, as long as that is open. A day that is over is given to the tally to be closed;
 * should the clock come back to it, it is taken up again. What is posted with the time of its session counts for yesterday when that was
 * yesterday, which is taken up again for a while.
 */
import {
  clockJumped,
  clockReturned,
  clockSet,
  datagramsDropped,
  storeNotWritten,
  storeWrittenAgain,
} from '#events/collect-events.ts';
import { dayAgesUnknown, oldDayRemoved } from '#events/retention-events.ts';
import type { Log, LogEvent } from '#events/event.ts';
import type { CollectorStore } from '#store/collector-store.ts';
import type { ReceiptTable } from '#store/receipts/receipt-table.ts';
import type { TallyNews } from '#store/tally/day-talliers.ts';
import type { TallyRunner } from '#store/tally/tally-runner.ts';
import { allEnded } from '#support/all-ended.ts';
import type { SteadyClock } from '#support/clock.ts';
import { isDue } from '#support/is-due.ts';
import type { Problem } from '#support/problem.ts';
import { readProbe } from '#tlsrpt/probe.ts';
import { previousDay, startOfDayMs } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { CollectFigures } from './collect-figures.ts';
import { CollectorNotice } from './collector-notice.ts';
import { Complaints } from './complaints.ts';
import { DatagramTable } from './datagram-table.ts';
import { DayClock, DOUBT_MS } from './day-clock.ts';
import type { ClockNews } from './day-clock.ts';
import { EndingDays } from './ending-days.ts';
import { OpenDay } from './open-day.ts';
import type { AnswersWhen } from './open-day.ts';
import type { Posting, Receiver } from './receiver.ts';
import { Room } from './room.ts';
import { TallyListener } from './tally-listener.ts';

export interface CollectedDaysOptions {
  readonly store: CollectorStore;
  readonly clock: SteadyClock;
  readonly log: Log;
  /** Undefined: nothing is removed. */
  readonly keepDays: number | undefined;
  readonly figures: CollectFigures;
  /** Makes what tallies; `tell` hears what comes of it. */
  readonly startTally: (tell: (news: TallyNews) => void) => TallyRunner;
  /** Everything counts for this day, whatever the clock says. */
  readonly fixedDay?: UtcDay | undefined;
  /** What those who post wait for; undefined where nobody posts. */
  readonly answersWhen?: AnswersWhen | undefined;
}

/** Between two looks for days that are too old. */
const REMOVAL_MS = 3_600_000;
/** Between two looks whether this is still the only collector, which tell the others how it fares. */
const LOCK_MS = 2_000;

export class CollectedDays {
  readonly tally: TallyRunner;
  /** What no further try can mend. */
  failure: Problem | undefined;
  readonly #options: CollectedDaysOptions;
  readonly #complaints: Complaints;
  readonly #notice: CollectorNotice;
  readonly #table = new DatagramTable();
  /** Read before anything is added up, which moves it. */
  readonly #receipts: ReceiptTable | undefined;
  readonly #room = new Room(() => this.#today.heldBytes + this.#ending.heldBytes);
  readonly #clock: DayClock;
  readonly #ending: EndingDays;
  #today: OpenDay;
  /** When old days are removed, by the monotonic clock. */
  #removalMs: number;
  #lookedForLockMs: number | undefined;
  /** What of that is under way. */
  #removing: Promise<void> | undefined;
  /** Days of earlier runs that are not closed or not complete, and not over by the clock. */
  #unfinished: UtcDay[];

  constructor(options: CollectedDaysOptions) {
    const { store, clock, log, startTally, fixedDay, answersWhen } = options;
    const steadyMs = (): number => clock.steadyMs();
    this.#options = options;
    this.#receipts = answersWhen === undefined ? undefined : store.receipts(steadyMs);
    this.#complaints = new Complaints(log, steadyMs);
    this.#notice = new CollectorNotice(
      store,
      clock,
      fixedDay === undefined ? store.lastWrittenMs(clock.nowMs()) : undefined,
    );
    const listener = new TallyListener({
      ...options,
      complaints: this.#complaints,
      notice: this.#notice,
      dayOf: (day) => this.#open(day),
      closed: (day) => {
        this.#ending.noteClosed(day);
      },
    });
    this.tally = startTally((news) => {
      listener.hear(news);
    });
    this.#clock = new DayClock(clock, (news) => {
      log(clockEvent(news));
    });
    this.#ending = new EndingDays(this.tally, steadyMs);
    this.#today = this.#openDay(fixedDay ?? this.#clock.day);
    this.#unfinished = fixedDay === undefined ? this.#daysLeft() : [];
    this.#endUnfinished();
    this.#removalMs = clock.steadyMs() + DOUBT_MS;
  }

  get day(): UtcDay {
    return this.#today.day;
  }

  /** False when there is no room for what has to be parsed. */
  get hasRoom(): boolean {
    return this.#room.isFree;
  }

  /** True when nothing should be taken for a moment. */
  get wantsPause(): boolean {
    return this.#today.wantsPause;
  }

  count(bytes: Buffer, arrivedMs: number, receiver: Receiver, posting?: Posting): void {
    const probe = receiver.canWait === true ? undefined : readProbe(bytes); // who can wait sends none
    if (probe !== undefined) this.#notice.noteProbe(probe);
    else if (posting) this.#countPosted(bytes, arrivedMs, receiver, posting);
    else this.#countSession(bytes, this.#dayOf(arrivedMs), receiver);
  }

  #countPosted(bytes: Buffer, arrivedMs: number, receiver: Receiver, posting: Posting): void {
    const { poster, receipt, happenedMs } = posting;
    const day = this.#dayPosted(happenedMs) ?? this.#dayOf(arrivedMs);
    if (receipt && this.#receipts?.add(receipt) === false) {
      this.#options.figures.repeated += 1;
      day.post({ poster, receipt: undefined });
      return;
    }
    this.#countSession(bytes, day, receiver);
    day.post(posting);
  }

  #countSession(bytes: Buffer, day: OpenDay, receiver: Receiver): void {
    const known = this.#table.find(bytes);
    if (known !== undefined && this.#table.isFirstRepetition(known)) this.#room.noteRepeated(bytes);
    const isDefined = known !== undefined && day.isDefined(known, this.#table.generation);
    if (!isDefined && !this.#room.give(bytes, receiver)) {
      this.#noteDropped();
      return;
    }
    const number = known ?? this.#table.add(bytes);
    day.count(number, this.#table.generation, bytes, receiver);
    this.#options.figures.counted += 1;
  }

  #noteDropped(): void {
    this.#options.figures.dropped += 1;
    this.#complaints.about('dropped', () => datagramsDropped(this.#options.figures.dropped));
  }

  /** Opens today, or finds that the disk refuses. To be awaited before datagrams can come: on a new disk it takes several syncs. */
  async begin(): Promise<void> {
    this.#today.write();
    await this.#today.idle();
  }

  /** Begins what is due, and waits for nothing. */
  write(): void {
    this.#look();
    this.#lookForLock();
    this.#notice.tellOfProbe();
    this.#beginRemoval();
    this.#today.write();
    this.#ending.write();
  }

  /** How long the collector may wait for datagrams before there is something to do. */
  get dueInMs(): number {
    return Math.min(this.#today.dueInMs, this.#ending.dueInMs);
  }

  /** Stores everything that can be. Throws the StoreProblem that keeps something that was counted from being stored. */
  async flush(): Promise<void> {
    this.#today.note(this.#options.figures.takeForDay());
    await allEnded([...this.#ending.taking, this.#today].map((day) => day.flush()));
  }

  /** How many datagrams would be lost now. */
  get unwritten(): number {
    return this.#all.reduce((sum, day) => sum + day.unwritten, 0);
  }

  /** Lets go of the files. What is not stored is lost. */
  async close(): Promise<void> {
    await this.#removing;
    for (const day of this.#all) await day.close();
  }

  get #all(): OpenDay[] {
    return [...this.#ending.days, this.#today];
  }

  #open(day: UtcDay): OpenDay | undefined {
    return this.#today.day === day ? this.#today : this.#ending.find(day);
  }

  #dayOf(arrivedMs: number): OpenDay {
    if (this.#options.fixedDay !== undefined || this.#clock.contains(arrivedMs)) return this.#today;
    this.#look();
    return this.#clock.contains(arrivedMs) ? this.#today : (this.#ending.arrivedIn(arrivedMs) ?? this.#today);
  }

  /** Where a sender's clock is believed: today and yesterday. Undefined for any other day. */
  #dayPosted(happenedMs: number | undefined): OpenDay | undefined {
    if (happenedMs === undefined || this.#options.fixedDay !== undefined) return undefined;
    if (this.#clock.contains(happenedMs)) return this.#today;
    this.#look();
    if (this.#clock.contains(happenedMs)) return this.#today;
    const yesterday = previousDay(this.#today.day);
    const isYesterday = happenedMs >= startOfDayMs(yesterday) && happenedMs < startOfDayMs(this.#today.day);
    if (!isYesterday || this.#clock.isInDoubt) return undefined;
    return this.#ending.takeLate(yesterday, () => this.#openDay(yesterday));
  }

  #look(): void {
    if (this.#options.fixedDay !== undefined || !this.#clock.look()) return;
    this.#today.note(this.#options.figures.takeForDay());
    this.#ending.add(this.#today);
    this.#today = this.#ending.takeBack(this.#clock.day) ?? this.#openDay(this.#clock.day);
    this.#room.beginDay();
    this.#unfinished.push(...this.#daysWithPieces());
    this.#endUnfinished();
    this.#removalMs = this.#options.clock.steadyMs() + DOUBT_MS;
  }

  #lookForLock(): void {
    const { store, clock } = this.#options;
    if (!isDue(this.#lookedForLockMs, LOCK_MS, clock.steadyMs())) return;
    this.#lookedForLockMs = clock.steadyMs();
    this.failure ??= store.whyNotAlone();
    this.#notice.tell();
  }

  /** Days that earlier runs left are closed once they are over, by whichever clock. */
  #endUnfinished(): void {
    const over = this.#unfinished.filter((day) => day < this.#today.day);
    this.#unfinished = this.#unfinished.filter((day) => day > this.#today.day);
    for (const day of new Set(over)) this.tally.end(day, false);
  }

  /** By earlier runs, and those of which it is to be looked whether what was moved into them is still there. */
  #daysLeft(): UtcDay[] {
    const { store } = this.#options;
    return [...store.unfinishedDays(), ...this.#daysWithPieces(), ...store.daysWithCountedPieces()];
  }

  /** What is open or being closed here gets its pieces then. */
  #daysWithPieces(): UtcDay[] {
    const open = this.#all.map(({ day }) => day);
    return this.#options.store.daysWithPieces().filter((day) => !open.includes(day));
  }

  #openDay(day: UtcDay): OpenDay {
    const { store, clock, log, answersWhen } = this.#options;
    return new OpenDay({
      day,
      batch: store.newBatch(),
      steadyMs: () => clock.steadyMs(),
      answersWhen,
      open: (wrote) =>
        store.openJournal(day, (journal) => {
          wrote();
          this.tally.announce(day, journal);
        }),
      refused: (problem) => {
        this.#notice.noteTrouble(day, problem);
        if (problem.code === 'store-replaced') this.failure = problem;
        else this.#complaints.about('store', () => storeNotWritten(problem.code, problem.message));
      },
      recovered: () => {
        this.#notice.forgetTrouble(day);
        this.#complaints.forget('store');
        log(storeWrittenAgain());
      },
    });
  }

  /** Once the clock has said for a while which day it is, and then every hour. */
  #beginRemoval(): void {
    const { keepDays, fixedDay, clock } = this.#options;
    if (keepDays === undefined || fixedDay !== undefined || this.#removing) return;
    if (clock.steadyMs() < this.#removalMs || this.#clock.isInDoubt) return;
    this.#removalMs = clock.steadyMs() + REMOVAL_MS;
    this.#removing = this.#removeOldDays(keepDays).finally(() => {
      this.#removing = undefined;
    });
  }

  async #removeOldDays(keepDays: number): Promise<void> {
    const { store, log } = this.#options;
    const today = this.#clock.day;
    const ageless = ({ message }: Problem): void => {
      log(dayAgesUnknown(message));
    };
    for (const removed of await store.removeOldDays({ today, countedFrom: today, keepDays }, ageless))
      log(oldDayRemoved(removed));
  }
}

function clockEvent(news: ClockNews): LogEvent {
  switch (news.kind) {
    case 'jumped':
      return clockJumped(news.from, news.to);
    case 'set':
      return clockSet(news.from, news.to);
    case 'returned':
      return clockReturned(news.day);
  }
}

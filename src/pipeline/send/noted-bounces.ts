/**
 * Finds out which deliveries bounces are about, and notes in the ledger that these came back.
 *
 * Anybody can write a bounce: what makes one believed is in bounce-clues.ts. Only what was given up changes anything, and each bounce once.
 * A day is locked only where there is something to be noted. What a day refuses is told, and the others go on. What comes from somebody who had
 * the mail is held against the address as well, where it is about that: see hold-bounces.ts.
 * Events: report-bounced, destination-suppressed.
 */
import type { BounceCounts } from '#events/read-events.ts';
import type { Log } from '#events/event.ts';
import { destinationSuppressed, reportBounced } from '#events/send-events.ts';
import type { NumberedDelivery } from '#store/outbox/outbox-entries.ts';
import type { Store } from '#store/store.ts';
import type { Clock } from '#support/clock.ts';
import { problemOf } from '#support/internal-error.ts';
import type { Problem } from '#support/problem.ts';
import { shortDigest } from '#support/short-digest.ts';
import type { Bounce } from '#tlsrpt/bounce.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { cluesIn, ComparedDeliveries, soughtBy } from './bounce-clues.ts';
import type { BounceClue } from './bounce-clues.ts';
import { BounceTokens } from './bounce-tokens.ts';
import { holdBounces } from './hold-bounces.ts';
import type { ProvenBounce } from './hold-bounces.ts';
import { planDelivery } from './planned-delivery.ts';

export interface NotedBouncesOptions {
  readonly store: Pick<Store, 'outboxes' | 'destinations' | 'knownBounceKey'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly note: (problem: Problem) => void;
}

/** A bounce, and the name of what it was found in. */
export interface ReadBounce {
  readonly source: string;
  readonly bounce: Bounce;
}

interface WaitingBounce extends ReadBounce {
  readonly clues: readonly BounceClue[];
}

interface FoundBounce {
  readonly waiting: WaitingBounce;
  readonly delivery: NumberedDelivery;
  /** Whether it is held against the address. */
  readonly isProof: boolean;
}

/** Each time, every day that is concerned waits for the disk. */
const MOST_WAITING = 1_000;
const DIGEST_LENGTH = 32;

export class NotedBounces {
  readonly #options: NotedBouncesOptions;
  readonly #tokens: BounceTokens | undefined;
  /** Then nobody knows what the tokens in bounces name. */
  readonly #isKeyUnread: boolean;
  #waiting: WaitingBounce[] = [];
  /** Noted, and still to be held against the addresses. */
  readonly #proven: ProvenBounce[] = [];
  /** Sources of bounces that are not noted. */
  #leftOut = new Set<string>();
  readonly #told = new Set<string>();
  #counts: BounceCounts = { noted: 0, known: 0, unknown: 0, passed: 0, notNoted: 0 };

  constructor(options: NotedBouncesOptions) {
    this.#options = options;
    const read = this.#orTell('The key of the envelope senders could not be read', () => ({
      key: options.store.knownBounceKey(),
    }));
    this.#tokens = read?.key && new BounceTokens(read.key);
    this.#isKeyUnread = read === undefined;
  }

  /** Of what is noted by now. */
  get counts(): BounceCounts {
    return this.#counts;
  }

  async add({ source, bounce }: ReadBounce): Promise<void> {
    if (bounce.action === 'failed') this.#waiting.push({ source, bounce, clues: cluesIn(bounce, this.#tokens) });
    else this.#count('passed', 1);
    if (this.#waiting.length >= MOST_WAITING) await this.#noteWaiting();
  }

  /**
   * Notes what waits. Resolves to the names of the sources of which a bounce, since it last was asked, is of no delivery that is known, or could not
   * be noted.
   */
  async finish(): Promise<ReadonlySet<string>> {
    await this.#noteWaiting();
    const leftOut = this.#leftOut;
    this.#leftOut = new Set();
    return leftOut;
  }

  async #noteWaiting(): Promise<void> {
    const left = new Set(this.#waiting);
    const unread = new Set(this.#waiting.filter(({ bounce }) => this.#isKeyUnread && bounce.tokens.length > 0));
    this.#waiting = [];
    for (const [day, waiting] of this.#byDay(left)) {
      const ofDay = waiting.filter((each) => left.has(each));
      const found = this.#orTell(`The outbox of ${day} could not be read`, () => this.#find(day, ofDay));
      for (const each of found === undefined ? ofDay : []) unread.add(each);
      for (const each of found ?? []) left.delete(each.waiting);
      if (found !== undefined && found.length > 0) await this.#noteDay(day, found);
    }
    const notNoted = [...left].filter((each) => unread.has(each)).length;
    this.#count('notNoted', notNoted);
    this.#count('unknown', left.size - notNoted);
    for (const { source } of left) this.#leftOut.add(source);
    await this.#hold(this.#proven.splice(0));
  }

  /** After the ledger: a crash in between costs an address no more than that these are not held against it. */
  async #hold(bounces: readonly ProvenBounce[]): Promise<void> {
    if (bounces.length === 0) return;
    const { store, clock, log } = this.#options;
    try {
      const nowMs = clock.nowMs();
      const suppressed = await store.destinations.changeInTurn((stored) => holdBounces(stored, bounces, nowMs));
      for (const { address, untilMs, reason } of suppressed) log(destinationSuppressed(address, untilMs, reason));
    } catch (error) {
      this.#tell(problemOf(error, 'What came back could not be noted of the reporting addresses'));
    }
  }

  /** What may be about each day of which there is an outbox. */
  #byDay(bounces: ReadonlySet<WaitingBounce>): [day: UtcDay, bounces: readonly WaitingBounce[]][] {
    const byDay = new Map<UtcDay, WaitingBounce[]>();
    for (const each of bounces)
      for (const day of new Set(each.clues.map((clue) => clue.day))) {
        const ofDay = byDay.get(day);
        if (ofDay) ofDay.push(each);
        else byDay.set(day, [each]);
      }
    if (byDay.size === 0) return [];
    const days = this.#orTell('The outboxes could not be listed', () => this.#options.store.outboxes.days()) ?? [];
    return days.flatMap((day) => {
      const ofDay = byDay.get(day);
      return ofDay ? [[day, ofDay]] : [];
    });
  }

  #find(day: UtcDay, bounces: readonly WaitingBounce[]): FoundBounce[] {
    const ofDay = bounces.map((waiting) => ({ waiting, clues: waiting.clues.filter((clue) => clue.day === day) }));
    const sought = soughtBy(ofDay.flatMap(({ clues }) => clues));
    const deliveries = new ComparedDeliveries(this.#options.store.outboxes.find(day, sought));
    return ofDay.flatMap(({ waiting, clues }) => {
      for (const clue of clues) {
        const found = deliveries.find(clue);
        if (found) return [{ waiting, delivery: found.delivery, isProof: clue.isProof(found) }];
      }
      return [];
    });
  }

  async #noteDay(day: UtcDay, found: readonly FoundBounce[]): Promise<void> {
    const { store, log } = this.#options;
    try {
      const noted = await store.outboxes.changeInTurn(day, (outbox) =>
        found.filter(({ delivery: { number }, waiting: { bounce } }) =>
          outbox.noteBounce({ number, digest: digestOf(bounce), words: bounce.words }),
        ),
      );
      for (const { delivery, waiting } of noted) log(reportBounced(delivery, waiting.bounce.words));
      this.#proven.push(...noted.filter(({ isProof }) => isProof).map((each) => provenBounce(each)));
      this.#count('noted', noted.length);
      this.#count('known', found.length - noted.length);
    } catch (error) {
      this.#count('notNoted', found.length);
      for (const { waiting } of found) this.#leftOut.add(waiting.source);
      this.#tell(problemOf(error, `Bounces could not be noted in the outbox of ${day}`));
    }
  }

  #orTell<T>(what: string, act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      this.#tell(problemOf(error, what));
      return undefined;
    }
  }

  /** Once, also where it concerns what comes later. */
  #tell(problem: Problem): void {
    if (this.#told.has(problem.message)) return;
    this.#told.add(problem.message);
    this.#options.note(problem);
  }

  #count(what: keyof BounceCounts, more: number): void {
    this.#counts = { ...this.#counts, [what]: this.#counts[what] + more };
  }
}

/** The same whatever way it comes. */
function digestOf({ identity, words, recipients }: Bounce): string {
  return shortDigest(JSON.stringify([identity, words, recipients]), DIGEST_LENGTH);
}

function provenBounce({ waiting: { bounce }, delivery }: FoundBounce): ProvenBounce {
  const { lastAttemptMs = delivery.firstAttemptMs ?? 0 } = delivery;
  return { address: planDelivery(delivery).address, sentOn: utcDayOf(lastAttemptMs), bounce };
}

/**
 * Finds out which deliveries bounces are about, and notes in the ledger that these came back.
 *
 * Anybody can write a bounce: what makes one believed is in bounce-clues.ts. Only what was given up changes anything, and each bounce once.
 * A day is locked only where there is something to be noted. What a day refuses is told, and the others go on.
 * Event: report-bounced.
 */
import type { BounceCounts } from '#events/read-events.ts';
import type { Log } from '#events/event.ts';
import { reportBounced } from '#events/send-events.ts';
import type { NumberedDelivery } from '#store/outbox/outbox-entries.ts';
import type { Store } from '#store/store.ts';
import { problemOf } from '#support/internal-error.ts';
import type { Problem } from '#support/problem.ts';
import { shortDigest } from '#support/short-digest.ts';
import type { Bounce } from '#tlsrpt/bounce.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { cluesIn } from './bounce-clues.ts';
import type { BounceClue } from './bounce-clues.ts';
import { BounceTokens } from './bounce-tokens.ts';

export interface NotedBouncesOptions {
  readonly store: Pick<Store, 'outboxes' | 'knownBounceKey'>;
  readonly log: Log;
  readonly note: (problem: Problem) => void;
}

interface WaitingBounce {
  readonly bounce: Bounce;
  readonly clues: readonly BounceClue[];
}

interface FoundBounce {
  readonly waiting: WaitingBounce;
  readonly delivery: NumberedDelivery;
}

/** Each time, every day that is concerned waits for the disk. */
const MOST_WAITING = 1_000;
const DIGEST_LENGTH = 32;

export class NotedBounces {
  readonly #options: NotedBouncesOptions;
  readonly #tokens: BounceTokens | undefined;
  #waiting: WaitingBounce[] = [];
  #counts: BounceCounts = { noted: 0, known: 0, unknown: 0, passed: 0, notNoted: 0 };

  constructor(options: NotedBouncesOptions) {
    this.#options = options;
    this.#tokens = this.#orTell('The key of the envelope senders could not be read', () => {
      const key = options.store.knownBounceKey();
      return key && new BounceTokens(key);
    });
  }

  /** Of what is noted by now. */
  get counts(): BounceCounts {
    return this.#counts;
  }

  async add(bounce: Bounce): Promise<void> {
    if (bounce.action === 'failed') this.#waiting.push({ bounce, clues: cluesIn(bounce, this.#tokens) });
    else this.#count('passed', 1);
    if (this.#waiting.length >= MOST_WAITING) await this.finish();
  }

  /** Notes what waits. */
  async finish(): Promise<void> {
    const left = new Set(this.#waiting);
    const unread = new Set<WaitingBounce>();
    this.#waiting = [];
    for (const day of this.#daysOf(left)) {
      const ofDay = [...left].filter(({ clues }) => clues.some((clue) => clue.day === day));
      const found = this.#orTell(`The outbox of ${day} could not be read`, () => this.#find(day, ofDay));
      for (const each of found === undefined ? ofDay : []) unread.add(each);
      for (const { waiting } of found ?? []) left.delete(waiting);
      if (found !== undefined && found.length > 0) await this.#noteDay(day, found);
    }
    const notNoted = [...left].filter((each) => unread.has(each)).length;
    this.#count('notNoted', notNoted);
    this.#count('unknown', left.size - notNoted);
  }

  #daysOf(bounces: ReadonlySet<WaitingBounce>): UtcDay[] {
    const days = new Set([...bounces].flatMap(({ clues }) => clues.map(({ day }) => day)));
    if (days.size === 0) return [];
    return (this.#orTell('The outboxes could not be listed', () => this.#options.store.outboxes.days()) ?? []).filter(
      (day) => days.has(day),
    );
  }

  #find(day: UtcDay, bounces: readonly WaitingBounce[]): FoundBounce[] {
    const sought = bounces.flatMap(({ clues }) => clues.filter((clue) => clue.day === day)).map((clue) => clue.sought);
    const deliveries = this.#options.store.outboxes.find(day, {
      numbers: sought.flatMap((one) => ('number' in one ? [one.number] : [])),
      reportIds: sought.flatMap((one) => ('reportId' in one ? [one.reportId] : [])),
    });
    return bounces.flatMap((waiting) => {
      const delivery = deliveries.find((each) => waiting.clues.some((clue) => clue.day === day && clue.isOf(each)));
      return delivery ? [{ waiting, delivery }] : [];
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
      this.#count('noted', noted.length);
      this.#count('known', found.length - noted.length);
    } catch (error) {
      this.#count('notNoted', found.length);
      this.#options.note(problemOf(error, `Bounces could not be noted in the outbox of ${day}`));
    }
  }

  #orTell<T>(what: string, act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      this.#options.note(problemOf(error, what));
      return undefined;
    }
  }

  #count(what: keyof BounceCounts, more: number): void {
    this.#counts = { ...this.#counts, [what]: this.#counts[what] + more };
  }
}

/** The same whatever way it comes. */
function digestOf({ identity, words, recipients }: Bounce): string {
  return shortDigest(JSON.stringify([identity, words, recipients]), DIGEST_LENGTH);
}

/**
 * Publishes the days of this host, once or again and again.
 *
 * A day that cannot be read, or that the index refuses, costs itself alone. When the index cannot be reached, all of them wait. Who follows tries again
 * after a while. What an outage kept back is published by the first round after it.
 */
import type { Log } from '#events/event.ts';
import { problemEvent } from '#events/event.ts';
import {
  dayPublished,
  publicationReplaced,
  publishFailed,
  publishResumed,
  publishStopping,
} from '#events/publish-events.ts';
import { systemClock } from '#support/clock.ts';
import type { SteadyClock } from '#support/clock.ts';
import { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { DayNote, KnownNote } from './day-index.ts';
import { publishDay } from './publish-day.ts';
import type { PublishDayOptions, PublishedDay } from './publish-day.ts';

export interface PublishOptions extends Omit<PublishDayOptions, 'clock'> {
  /** Undefined: all that are stored. */
  readonly days: readonly UtcDay[] | undefined;
  readonly log: Log;
  readonly clock?: SteadyClock;
  /** The least time between two rounds. */
  readonly intervalMs?: number;
}

const INTERVAL_MS = 5_000;
/** Reading a day with very many domains takes a while; so much of the time nothing is read. */
const REST = 4;
const [SHORTEST_WAIT_MS, LONGEST_WAIT_MS] = [5_000, 60_000];
const CLUSTER_PROBLEMS = ['cluster-unreachable', 'cluster-refused', 'cluster-conflict'] as const;

type ClusterProblem = Problem & { readonly code: (typeof CLUSTER_PROBLEMS)[number] };

/** The problems of days that cannot be read; throws what the index has against one or all of them, unless it has been told to stop. */
export async function publishOnce(options: PublishOptions): Promise<Problem[]> {
  try {
    return await new PublishRounds(options).publish();
  } catch (error) {
    if (options.stopping.aborted && isOfCluster(error)) return [];
    throw error;
  }
}

/** Until it is told to stop. */
export async function publishFollowing(options: PublishOptions): Promise<void> {
  const { stopping, log, clock = systemClock, intervalMs = INTERVAL_MS } = options;
  const rounds = new PublishRounds(options);
  const isStopped = (): boolean => stopping.aborted;
  let failures = 0;
  while (!isStopped()) {
    const begunMs = clock.steadyMs();
    const failure = await failureOf(() => rounds.publish());
    if (failure && !isStopped()) {
      if (failures === 0) log(publishFailed(failure));
      failures += 1;
    } else if (failures > 0) {
      log(publishResumed());
      failures = 0;
    }
    const restMs = Math.max(intervalMs, REST * (clock.steadyMs() - begunMs));
    const waitMs = Math.min(SHORTEST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
    await clock.sleep(failures === 0 ? restMs : waitMs, stopping);
  }
  log(publishStopping());
}

/** Undefined when all went well as far as the index is concerned. */
async function failureOf(publish: () => Promise<unknown>): Promise<Problem | undefined> {
  try {
    await publish();
    return undefined;
  } catch (error) {
    if (isOfCluster(error)) return error;
    throw error;
  }
}

function isOfCluster(error: unknown): error is ClusterProblem {
  return error instanceof Problem && CLUSTER_PROBLEMS.some((code) => code === error.code);
}

class PublishRounds {
  readonly #options: PublishOptions;
  readonly #remembered = new Map<UtcDay, PublishedDay>();
  /** By day, the problem that was told last. */
  readonly #told = new Map<UtcDay, string>();
  #notes: Map<UtcDay, KnownNote> | undefined;

  constructor(options: PublishOptions) {
    this.#options = options;
  }

  async publish(): Promise<Problem[]> {
    const { store, days, stopping } = this.#options;
    try {
      const notes = (this.#notes ??= await this.#readNotes());
      const problems: Problem[] = [];
      for (const day of days ?? store.sessions.days()) {
        if (stopping.aborted) break;
        const problem = await this.#publishContained(day, notes);
        if (problem) problems.push(problem);
      }
      const refused = problems.find(isOfCluster);
      if (refused) throw refused;
      return problems;
    } catch (error) {
      if (!isOfCluster(error) || error.code === 'cluster-unreachable') this.#remembered.clear();
      this.#notes = undefined;
      throw error;
    }
  }

  async #readNotes(): Promise<Map<UtcDay, KnownNote>> {
    const { store, index } = this.#options;
    await index.prepare();
    return new Map(await index.notes(store.identity()));
  }

  async #publishContained(day: UtcDay, notes: Map<UtcDay, KnownNote>): Promise<Problem | undefined> {
    try {
      await this.#publishDay(day, notes);
      this.#told.delete(day);
      return undefined;
    } catch (error) {
      if (!(error instanceof Problem) || error.code === 'cluster-unreachable') throw error;
      this.#remembered.delete(day);
      this.#notes = undefined; // a publication may have begun
      if (isOfCluster(error)) return error;
      if (this.#told.get(day) !== error.message) this.#options.log(problemEvent(error));
      this.#told.set(day, error.message);
      return error;
    }
  }

  async #publishDay(day: UtcDay, notes: Map<UtcDay, KnownNote>): Promise<void> {
    const { clock = systemClock, index, log } = this.#options;
    const known = notes.get(day);
    const remembered = this.#rememberedOf(day, known);
    const publication = await publishDay(day, { known, remembered }, { ...this.#options, clock });
    if (publication.kind === 'stopped') this.#notes = undefined;
    if (publication.kind !== 'published') return;
    const { day: published, summary } = publication;
    if (known) this.#tellReplaced(known.note, published.known.note);
    notes.set(day, published.known);
    this.#remember(day, published);
    log(dayPublished({ day, index: index.name, closed: published.known.note.closed, ...summary }));
  }

  /** A host counts sessions and takes none back, so what is not of this host under its identity is of a copy of its state directory, or of an older one. */
  #tellReplaced(before: DayNote, now: DayNote): void {
    const { index, log } = this.#options;
    const [sessions, here] = [before, now].map(({ successful, failed }) => successful + failed) as [number, number];
    const { day, host } = before;
    if (host !== now.host || sessions > here)
      log(publicationReplaced({ day, index: index.name, host, sessions, here }));
  }

  /** Undefined when another publication has begun since. */
  #rememberedOf(day: UtcDay, known: KnownNote | undefined): PublishedDay | undefined {
    const remembered = this.#remembered.get(day);
    return known?.isFinished === true && known.publication === remembered?.known.publication ? remembered : undefined;
  }

  /** Of days that are closed nothing further is expected, so their ids need not be held in memory. */
  #remember(day: UtcDay, published: PublishedDay): void {
    if (published.known.note.closed) this.#remembered.delete(day);
    else this.#remembered.set(day, published);
  }
}

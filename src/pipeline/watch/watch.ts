/**
 * Watches what comes: reads on, judges, and puts what is to be told into the book, look by look.
 *
 * What is known and the notices that follow are written in one step, so after a restart nothing is told twice. A disk that fails for a while costs
 * what cannot be known meanwhile, and nothing that is known already.
 * Problems: those of the book when it is opened.
 */
import type { Log } from '#events/event.ts';
import {
  incidentBegun,
  incidentEnded,
  incidentsHeld,
  watchGoesOn,
  watchHeldUp,
  watchNotSaved,
  watchPassedOver,
  watchStarted,
} from '#events/watch-events.ts';
import type { Store } from '#store/store.ts';
import type { Notice, PendingNotice } from '#store/notices.ts';
import type { IncidentNews, WatchBook } from '#store/watch-book.ts';
import type { SteadyClock } from '#support/clock.ts';
import { containProblem } from '#support/contain-problem.ts';
import { Problem } from '#support/problem.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import { FollowedSessions } from './followed-sessions.ts';
import type { FollowedNews } from './followed-sessions.ts';
import { NoticeBudget } from './notice-budget.ts';
import type { DueNews } from './notice-budget.ts';
import { daysBefore, readDaysBefore } from './read-days-before.ts';
import { SessionWatch } from './session-watch.ts';
import type { SilenceFacts } from './session-watch.ts';
import { WatchedDomains } from './watched-domains.ts';
import type { Moment, WatchLimits } from './watch-limits.ts';

export interface WatchOptions {
  readonly store: Pick<Store, 'sessions' | 'watch'>;
  readonly limits: WatchLimits;
  readonly clock: SteadyClock;
  readonly log: Log;
  /** By which notices are told. */
  readonly ways: readonly string[];
  readonly subjectOf: (news: IncidentNews) => string;
  readonly noticeOf: (news: IncidentNews) => Notice;
  readonly sumOf: (news: readonly IncidentNews[], uncounted: number) => Notice;
}

/** What was learned is kept so often where nothing happens. */
const SAVE_MS = 600_000;
const RENEW_LOOK_MS = 60_000;
const LEAST_REGULAR_DAYS = 3;
/** When it has not looked for longer, as it was stopped, nobody knows when what came has come. */
const MOST_BETWEEN_LOOKS_MS = 30_000;
/** What a collector says of when something last came is as old as this at most. */
const LAST_IS_LATE_MS = 300_000;

export class Watch {
  readonly #options: WatchOptions;
  readonly #budget: NoticeBudget;
  #sessions: SessionWatch;
  #followed: FollowedSessions;
  /** The days that domains are compared with. */
  #days: string;
  #renewLookMs: number;
  #savedMs: number;
  #lookedMs: number;
  /** Made, and not yet in the book. */
  #unsaved: Notice[] = [];
  #heldUp: string | undefined;
  #isNotSaved = false;

  private constructor(options: WatchOptions, { domains, isRegular, days }: Compared) {
    this.#options = options;
    const { store, limits } = options;
    const [now, book] = [momentOf(options.clock), store.watch.read()];
    this.#budget = new NoticeBudget(limits.mostNotices, book.madeMs, book.held, now);
    const last = lastOf(store, now);
    this.#sessions = new SessionWatch({ limits, domains, isRegular, ...book, dayHours: book.days, last, now });
    this.#followed = new FollowedSessions(store.sessions, domains);
    this.#days = days;
    [this.#renewLookMs, this.#savedMs, this.#lookedMs] = [now.steadyMs, now.steadyMs, now.steadyMs];
  }

  /** The book is open. */
  static async begin(options: WatchOptions): Promise<Watch> {
    const open = options.store.watch.read().incidents.map(({ domain }) => domain);
    return new Watch(options, await compare(options, open));
  }

  /** True when more is there already. */
  async look(): Promise<boolean> {
    await this.#renew();
    const followed = this.#followed.read();
    const now = momentOf(this.#options.clock);
    if (now.steadyMs - this.#lookedMs > MOST_BETWEEN_LOOKS_MS) this.#sessions.notePause(now);
    this.#lookedMs = now.steadyMs;
    for (const news of followed.news) this.#sessions.take(news, now);
    this.#noteTrouble(followed, now);
    if (followed.news.some(({ isBehind }) => isBehind)) return true;
    const news = this.#sessions.judge(now, () => this.#silenceFacts());
    this.#tell(news);
    await this.#save(this.#budget.take(news, now), news.length > 0, now);
    return false;
  }

  close(): void {
    this.#followed.close();
  }

  /** A day has become one of those before: the domains are numbered anew, and what came since midnight is the past. */
  async #renew(): Promise<void> {
    const { store, clock } = this.#options;
    const { nowMs, steadyMs } = momentOf(clock);
    if (steadyMs - this.#renewLookMs < RENEW_LOOK_MS) return;
    this.#renewLookMs = steadyMs;
    const days = containProblem(
      () => daysBefore(store.sessions, utcDayOf(nowMs)).join(),
      () => undefined,
    );
    if (days === undefined || days === this.#days) return;
    const { domains, isRegular } = await compare(this.#options, this.#sessions.openDomains());
    for (const news of this.#followed.read().news) this.#sessions.take(news, momentOf(clock));
    this.#followed.close();
    this.#followed = new FollowedSessions(store.sessions, domains);
    this.#sessions.renew(domains, isRegular);
    this.#days = days;
  }

  #noteTrouble({ news, problem }: FollowedNews, now: Moment): void {
    const { log } = this.#options;
    if (problem) this.#sessions.notePause(now);
    if (problem && this.#heldUp !== problem.message) log(watchHeldUp(problem));
    if (!problem && this.#heldUp !== undefined) log(watchGoesOn());
    this.#heldUp = problem?.message;
    if (news.some(({ hasGap }) => hasGap)) log(watchPassedOver());
  }

  #silenceFacts(): SilenceFacts {
    const collector = containProblem(
      () => this.#options.store.sessions.collector(),
      () => undefined,
    );
    return collector === undefined || collector.kind === 'unknown' ? {} : { isCollected: collector.kind === 'running' };
  }

  #tell(news: readonly IncidentNews[]): void {
    const { log, subjectOf } = this.#options;
    for (const one of news) {
      const { change, incident } = one;
      const event = change === 'begun' ? incidentBegun : incidentEnded;
      log(event(subjectOf(one), incident.kind, incident.domain));
    }
  }

  async #save({ single, summed, uncounted }: DueNews, isNews: boolean, now: Moment): Promise<void> {
    const { log, noticeOf, sumOf } = this.#options;
    this.#unsaved.push(...single.map(noticeOf), ...(summed.length > 0 ? [sumOf(summed, uncounted)] : []));
    const isDue = isNews || this.#unsaved.length > 0 || now.steadyMs - this.#savedMs >= SAVE_MS;
    if (!isDue && !this.#isNotSaved) return;
    try {
      await this.#write(now);
      this.#savedMs = now.steadyMs;
      this.#isNotSaved = false;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (!this.#isNotSaved) log(watchNotSaved(error));
      this.#isNotSaved = true;
    }
  }

  async #write(now: Moment): Promise<void> {
    const { store, ways, log } = this.#options;
    const added = this.#unsaved.map((notice): PendingNotice => ({
      notice,
      ways: ways.map((way) => ({ way, begun: 0 })),
    }));
    const held = this.#budget.held();
    const heldBefore = store.watch.read().held.length;
    await store.watch.changeInTurn(({ pending }): WatchBook => ({
      incidents: this.#sessions.incidents(),
      days: this.#sessions.days(),
      madeMs: this.#budget.madeMs(now),
      held: [...held],
      pending: ways.length === 0 ? [] : [...pending, ...added],
    }));
    this.#unsaved = [];
    if (held.length > 0 && heldBefore === 0) log(incidentsHeld(held.length));
  }
}

interface Compared {
  readonly domains: WatchedDomains;
  readonly isRegular: boolean;
  readonly days: string;
}

async function compare({ store, limits, clock, log }: WatchOptions, open: readonly string[]): Promise<Compared> {
  const before = daysBefore(store.sessions, utcDayOf(clock.nowMs()));
  const { regular, days } = await readDaysBefore(store.sessions, before, log);
  log(watchStarted({ domains: regular.length, days }));
  const names = open.filter((domain) => domain !== '');
  const domains = new WatchedDomains(regular, limits.ownDomains, names);
  return { domains, isRegular: days >= LEAST_REGULAR_DAYS, days: before.join() };
}

function lastOf({ sessions }: Pick<Store, 'sessions'>, { nowMs, steadyMs }: Moment): Moment {
  const lastMs =
    containProblem(
      () => sessions.lastDatagramMs(nowMs),
      () => undefined,
    ) ?? nowMs;
  if (nowMs - lastMs < LAST_IS_LATE_MS) return { nowMs, steadyMs };
  return { nowMs: lastMs, steadyMs: steadyMs - (nowMs - lastMs) };
}

function momentOf(clock: SteadyClock): Moment {
  return { nowMs: clock.nowMs(), steadyMs: clock.steadyMs() };
}

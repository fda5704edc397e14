/**
 * What comes to all days that are being collected, whichever they are: at midnight, and while a clock is wrong, these are two or three.
 *
 * Problems: those of a day that cannot be read, once the others have been.
 */
import type { DayNews, FollowedDay } from '#store/sessions/followed-day.ts';
import type { WatchedIds } from '#store/sessions/followed-entries.ts';
import type { Store } from '#store/store.ts';
import { containProblem } from '#support/contain-problem.ts';
import type { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface FollowedNews {
  readonly news: readonly DayNews[];
  /** Why not all of it is there. */
  readonly problem: Problem | undefined;
}

/** Those with the latest names. */
const MOST_DAYS = 3;

export class FollowedSessions {
  readonly #sessions: Store['sessions'];
  readonly #watchedIds: WatchedIds;
  readonly #days = new Map<UtcDay, FollowedDay>();
  /** False until it was looked for days once: what begins later is new. */
  #hasLooked = false;

  constructor(sessions: Store['sessions'], watchedIds: WatchedIds) {
    this.#sessions = sessions;
    this.#watchedIds = watchedIds;
  }

  read(): FollowedNews {
    const [news, problems]: [DayNews[], Problem[]] = [[], []];
    const note = (problem: Problem): unknown => problems.push(problem);
    const days = containProblem(() => this.#sessions.unfinishedDays().slice(-MOST_DAYS), note);
    if (!days) return { news, problem: problems[0] };
    for (const day of days)
      if (!this.#days.has(day)) this.#days.set(day, this.#sessions.follow(day, this.#watchedIds, this.#hasLooked));
    this.#hasLooked = true;
    for (const [day, followed] of this.#days) {
      const ofDay = containProblem(() => followed.read(), note);
      if (ofDay) news.push(ofDay);
      if (!days.includes(day) && ofDay?.isBehind !== true) this.#end(day, followed);
    }
    return { news, problem: problems[0] };
  }

  close(): void {
    for (const [day, followed] of this.#days) this.#end(day, followed);
  }

  #end(day: UtcDay, followed: FollowedDay): void {
    followed.close();
    this.#days.delete(day);
  }
}

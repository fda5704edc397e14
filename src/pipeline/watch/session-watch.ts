/**
 * Judges what comes, and says what has begun and what is over: the rules of watch, without files, clocks and notices.
 *
 * One incident at a time about a domain. While a wave goes on, domains are not told one by one.
 */
import type { DayNews } from '#store/sessions/followed-day.ts';
import type { SeenCount, SeenFailure } from '#store/sessions/followed-entries.ts';
import type { DayHours, Incident, IncidentNews } from '#store/watch-book.ts';
import { findBegun } from './find-begun.ts';
import { FailingRuns } from './failing-runs.ts';
import { NewTypes } from './new-types.ts';
import { isOfPolicy, OpenIncident } from './open-incident.ts';
import { SilenceWatch } from './silence.ts';
import { failsLately, WaveWatch } from './wave-watch.ts';
import type { WatchedDomains } from './watched-domains.ts';
import type { Moment, WatchLimits } from './watch-limits.ts';

export interface SessionWatchOptions {
  readonly limits: WatchLimits;
  readonly domains: WatchedDomains;
  /** Something came on the days before. */
  readonly isRegular: boolean;
  readonly incidents: readonly Incident[];
  readonly dayHours: readonly DayHours[];
  /** When something last came. */
  readonly last: Moment;
  readonly now: Moment;
}

/** What can be known of a silence beside its length. */
export type SilenceFacts = Pick<NonNullable<Incident['silence']>, 'isCollected'>;

/** Further ones are not told until others are over. */
const MOST_OPEN = 1_000;

export class SessionWatch {
  readonly #limits: WatchLimits;
  #domains: WatchedDomains;
  #isRegular: boolean;
  #runs: FailingRuns;
  #newTypes: NewTypes;
  readonly #wave: WaveWatch;
  readonly #silence: SilenceWatch;
  #silenceIncident: Incident | undefined;
  /** By domain. */
  readonly #open = new Map<string, OpenIncident>();
  #own: SeenFailure[] = [];

  constructor({ limits, domains, isRegular, incidents, dayHours, last, now }: SessionWatchOptions) {
    this.#limits = limits;
    this.#domains = domains;
    this.#isRegular = isRegular;
    this.#runs = new FailingRuns(limits);
    this.#newTypes = new NewTypes(limits);
    this.#wave = new WaveWatch(
      limits,
      incidents.find(({ kind }) => kind === 'wave'),
      now,
    );
    this.#silence = new SilenceWatch(limits, dayHours, last);
    this.#silenceIncident = incidents.find(({ kind }) => kind === 'silence');
    if (this.#silenceIncident) this.#silence.noteTold();
    for (const incident of incidents)
      if (incident.domain !== '') this.#open.set(incident.domain, new OpenIncident(incident, now));
  }

  /** What goes on by now, to be kept. */
  incidents(): Incident[] {
    const { incident } = this.#wave;
    return [
      ...[...this.#open.values()].map(({ incident }) => incident),
      ...(incident ? [incident] : []),
      ...(this.#silenceIncident ? [this.#silenceIncident] : []),
    ];
  }

  days(): DayHours[] {
    return this.#silence.days();
  }

  openDomains(): string[] {
    return [...this.#open.keys()];
  }

  /** Other domains, under other numbers: what fails just now is found anew. */
  renew(domains: WatchedDomains, isRegular: boolean): void {
    [this.#domains, this.#isRegular] = [domains, isRegular];
    this.#runs = new FailingRuns(this.#limits);
    this.#newTypes = new NewTypes(this.#limits);
  }

  take({ isPast, datagrams, counts, failures }: Omit<DayNews, 'isBehind' | 'hasGap'>, now: Moment): void {
    if (isPast) {
      for (const { watchedId, example } of failures) this.#domains.noteType(watchedId, example.resultType);
      return;
    }
    if (datagrams > 0) this.#silence.noteSessions(now);
    for (const count of counts) this.#takeCount(count, now);
    for (const failure of failures) this.#takeFailure(failure, now);
  }

  /** What nobody could read for a while says nothing about silence. */
  notePause(now: Moment): void {
    if (!this.#silenceIncident) this.#silence.notePause(now);
  }

  judge(now: Moment, silenceFacts: () => SilenceFacts): IncidentNews[] {
    return [...this.#judgeOpen(now), ...this.#judgeBegun(now), ...this.#judgeSilence(now, silenceFacts)];
  }

  #takeCount(count: SeenCount, now: Moment): void {
    this.#domains.noteSeen(count.watchedId, now.steadyMs);
    this.#runs.note(count, now);
    this.#open.get(this.#domains.nameOf(count.watchedId))?.note(count, now);
  }

  #takeFailure(failure: SeenFailure, now: Moment): void {
    this.#runs.noteExample(failure);
    this.#newTypes.note(failure, this.#domains, now);
    const open = this.#open.get(this.#domains.nameOf(failure.watchedId));
    if (open) open.noteFailure(failure, now);
    else if (this.#domains.isOwn(failure.watchedId) && isOfPolicy(failure.example.resultType)) this.#own.push(failure);
  }

  #judgeOpen(now: Moment): IncidentNews[] {
    const news: IncidentNews[] = [];
    for (const [domain, open] of this.#open) {
      const change = open.judge(now, this.#limits);
      if (!change) continue;
      this.#open.delete(domain);
      const watchedId = this.#domains.numberOf(domain);
      if (watchedId !== undefined) this.#runs.end(watchedId);
      news.push({ change, atMs: now.nowMs, incident: open.incident });
    }
    return news;
  }

  #judgeBegun(now: Moment): IncidentNews[] {
    const [domains, isOpen] = [this.#domains, this.#isOpen];
    const news = this.#wave.judge({ runs: this.#runs.current(now), domains, isOpen, now });
    if (news.some(({ change }) => change === 'over')) this.#endPassed(now);
    const isWave = this.#wave.incident !== undefined;
    const [runs, newTypes] = [this.#runs.current(now), this.#newTypes.current(domains, now)];
    const begun = findBegun({ limits: this.#limits, domains, runs, newTypes, own: this.#own, isWave, isOpen, now });
    this.#own = [];
    for (const incident of begun)
      if (this.#begin(incident, now)) news.push({ change: 'begun', atMs: now.nowMs, incident });
    for (const { watchedId, example } of newTypes)
      if (isWave || isOpen(watchedId)) domains.noteType(watchedId, example.resultType); // a part of what was told
    return news;
  }

  readonly #isOpen = (watchedId: number): boolean => this.#open.has(this.#domains.nameOf(watchedId));

  /** What failed in a wave that is over, and does not fail any more, was told. */
  #endPassed(now: Moment): void {
    for (const run of this.#runs.current(now)) if (!failsLately(run, now)) this.#runs.end(run.watchedId);
  }

  #begin(incident: Incident, now: Moment): boolean {
    if (this.#open.size >= MOST_OPEN || this.#open.has(incident.domain)) return false;
    this.#open.set(incident.domain, new OpenIncident(incident, now));
    const watchedId = this.#domains.numberOf(incident.domain) ?? 0;
    if (incident.example) this.#domains.noteType(watchedId, incident.example.resultType);
    return true;
  }

  #judgeSilence(now: Moment, facts: () => SilenceFacts): IncidentNews[] {
    const [told, atMs] = [this.#silenceIncident, now.nowMs];
    if (told && this.#silence.isTold) return [];
    if (told) {
      this.#silenceIncident = undefined;
      return [{ change: 'over', atMs, incident: told }];
    }
    const silence = this.#silence.find(now, this.#isRegular);
    if (!silence) return [];
    this.#silence.noteTold();
    const { sinceMs, usualMs } = silence;
    const incident = { kind: 'silence', domain: '', sinceMs, failed: 0, successful: 0 } as const;
    this.#silenceIncident = { ...incident, silence: { usualMs, ...facts() } };
    return [{ change: 'begun', atMs, incident: this.#silenceIncident }];
  }
}

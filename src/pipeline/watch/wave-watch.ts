/**
 * The wave that goes on, from when many domains fail until few of them do.
 */
import type { Incident, IncidentNews } from '#store/watch-book.ts';
import type { FailingRun } from './failing-runs.ts';
import { findWave, waveRuns } from './find-wave.ts';
import type { Wave } from './find-wave.ts';
import type { WatchedDomains } from './watched-domains.ts';
import type { Moment, WatchLimits } from './watch-limits.ts';

const MOST_NAMED = 20;
/** What has not failed for so long does not fail just now. */
const LATELY_MS = 300_000;
/** What begins within this time begins at once. */
const AT_ONCE_MS = 1_800_000;

export interface WaveSigns {
  /** Of all domains that fail. */
  readonly runs: readonly FailingRun[];
  readonly domains: WatchedDomains;
  /** Whether it was told of the domain already. */
  readonly isOpen: (watchedId: number) => boolean;
  readonly now: Moment;
}

export class WaveWatch {
  readonly #limits: WatchLimits;
  #incident: Incident | undefined;
  /** When there last were many. */
  #manyMs: number;

  constructor(limits: WatchLimits, incident: Incident | undefined, now: Moment) {
    this.#limits = limits;
    this.#incident = incident;
    this.#manyMs = now.steadyMs;
  }

  get incident(): Incident | undefined {
    return this.#incident;
  }

  judge(signs: WaveSigns): IncidentNews[] {
    return this.#incident ? this.#judgeEnd(this.#incident, signs) : this.#judgeBegin(signs);
  }

  /** What it was told of already is no wave, however much of it there is. */
  #judgeBegin({ runs: all, domains, isOpen, now }: WaveSigns): IncidentNews[] {
    const sudden = all.filter(
      ({ watchedId, since }) => !isOpen(watchedId) && now.steadyMs - since.steadyMs < AT_ONCE_MS,
    );
    const wave = findWave(waveRuns(sudden, domains, now), domains, this.#limits, now);
    if (!wave) return [];
    this.#incident = incidentOf(wave, domains);
    this.#manyMs = now.steadyMs;
    return [{ change: 'begun', atMs: now.nowMs, incident: this.#incident }];
  }

  #judgeEnd(incident: Incident, { runs, domains, now }: WaveSigns): IncidentNews[] {
    const failing = waveRuns(runs, domains, now).filter((run) => failsLately(run, now));
    if (failing.length * 2 >= this.#limits.leastWave) {
      this.#manyMs = now.steadyMs;
      if (failing.length > (incident.wave?.domains ?? 0))
        this.#incident = {
          ...incidentOf({ runs: failing, site: incident.wave?.site }, domains),
          sinceMs: incident.sinceMs,
        };
    }
    if (now.steadyMs - this.#manyMs < this.#limits.overMs) return [];
    const { incident: ended = incident } = this;
    this.#incident = undefined;
    return [{ change: 'over', atMs: now.nowMs, incident: ended }];
  }
}

export function failsLately({ lastMs }: FailingRun, { steadyMs }: Moment): boolean {
  return steadyMs - lastMs < LATELY_MS;
}

export function incidentOf({ runs, site }: Wave, domains: WatchedDomains): Incident {
  const worst = [...runs].sort((a, b) => b.failed - a.failed);
  const named = worst.slice(0, MOST_NAMED).map(({ watchedId }) => domains.nameOf(watchedId));
  return {
    kind: 'wave',
    domain: '',
    sinceMs: Math.min(...runs.map(({ since }) => since.nowMs)),
    failed: runs.reduce((sum, { failed }) => sum + failed, 0),
    successful: runs.reduce((sum, { successful }) => sum + successful, 0),
    example: worst.find(({ example }) => example !== undefined)?.example,
    wave: { domains: runs.length, named, site },
  };
}

/**
 * Reads which domains had regular traffic on the last days, and how they fared.
 *
 * One day at a time. What is kept of a domain is a few numbers; of the domains of all days together, only those with enough sessions.
 */
import type { SessionDayReader } from '#store/sessions/session-day.ts';
import type { DomainBefore } from './watched-domains.ts';

export interface DaysBefore {
  readonly regular: readonly DomainBefore[];
  /** Days with sessions. */
  readonly days: number;
}

interface Gathered {
  days: number;
  successful: number;
  failed: number;
  types: Set<string> | undefined;
}

/** So many sessions on a day, on an average, are regular traffic. */
const LEAST_SESSIONS_A_DAY = 5;
/** On that many of the days before, or on all of them where there are fewer; one day shows nothing regular. */
const [LEAST_DAYS, FEWEST_DAYS] = [3, 2];
const MOST_DOMAINS = 300_000;
/** While days are added up: of those that come less often, this many for each that may be regular. */
const MOST_GATHERED = 4 * MOST_DOMAINS;
const MOST_TYPES = 12;
const NO_TYPES: ReadonlySet<string> = new Set();

export class GatheredDays {
  readonly #domains = new Map<string, Gathered>();
  #days = 0;

  add(reader: Pick<SessionDayReader, 'byDomain'>): void {
    let hasSessions = false;
    for (const { domain, successful, failed } of reader.byDomain().sums()) {
      hasSessions ||= successful + failed > 0;
      const gathered = this.#gathered(domain);
      if (!gathered) continue;
      gathered.days += 1;
      gathered.successful += successful;
      gathered.failed += failed;
    }
    for (const { domain, example } of reader.byDomain().failures()) {
      const gathered = this.#domains.get(domain);
      if (!gathered) continue;
      const types = (gathered.types ??= new Set());
      if (types.size < MOST_TYPES) types.add(example.resultType);
    }
    if (hasSessions) this.#days += 1;
  }

  finish(): DaysBefore {
    const leastDays = Math.max(FEWEST_DAYS, Math.min(LEAST_DAYS, this.#days));
    const regular: DomainBefore[] = [];
    for (const [domain, { days, successful, failed, types }] of this.#domains)
      if (days >= leastDays && successful + failed >= days * LEAST_SESSIONS_A_DAY)
        regular.push({ domain, days, successful, failed, types: types ?? NO_TYPES });
    if (regular.length > MOST_DOMAINS) regular.sort((a, b) => sessionsOf(b) - sessionsOf(a));
    return { regular: regular.slice(0, MOST_DOMAINS), days: this.#days };
  }

  #gathered(domain: string): Gathered | undefined {
    const known = this.#domains.get(domain);
    if (known || this.#domains.size >= MOST_GATHERED) return known;
    const gathered = { days: 0, successful: 0, failed: 0, types: undefined };
    this.#domains.set(domain, gathered);
    return gathered;
  }
}

function sessionsOf({ successful, failed }: DomainBefore): number {
  return successful + failed;
}

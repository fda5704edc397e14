/**
 * What this host and others saw on one day, brought together as it is read: one domain at a time, in order, whichever host saw it.
 *
 * The same state directory may have been reached by two ways; its identity tells, and it is counted once. Where other hosts' days were
 * fetched before they were over, what there is of them counts only when it is asked for, and after the complete days.
 */
import { sessionsLeftOut } from '#events/fetch-events.ts';
import { sourceCountedOnce } from '#events/report-events.ts';
import { fetchedLeftOut } from '#events/store-events.ts';
import type { Log } from '#events/event.ts';
import type { SessionDayReader, TlsaTally } from '#store/sessions/session-day.ts';
import type { Store } from '#store/store.ts';
import { containProblem } from '#support/contain-problem.ts';
import { mergeOrdered, pairKey } from '#support/merge-ordered.ts';
import type { Problem } from '#support/problem.ts';
import { isUsableDomain } from '#tlsrpt/domain-name.ts';
import type { DomainTally } from '#tlsrpt/tally.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';

export interface DayOptions {
  readonly store: Store;
  readonly day: UtcDay;
  /** Also what was fetched of days that were not over. */
  readonly partial: boolean;
  readonly log: Log;
}

export interface DomainSessions {
  readonly domain: string;
  /** One or more for each record under which the sessions were seen. */
  readonly tallies: readonly DomainTally[];
}

/** What was seen under the TLSA records of one MX host with one of the domains whose mail goes there, which may be any number. */
export interface HostSessions {
  /** The TLSA base domain. */
  readonly host: string;
  readonly domain: string;
  readonly tallies: readonly TlsaTally[];
}

/** A domain that mail was sent to. */
export interface Recipient {
  readonly domain: string;
  /** Whether an MTA passed on a record with any of its sessions. */
  readonly hasRecord: boolean;
}

export class DaySessions {
  readonly #options: DayOptions;
  readonly #sources: readonly Source[];

  private constructor(options: DayOptions, sources: readonly Source[]) {
    this.#options = options;
    this.#sources = sources;
  }

  static open(options: DayOptions): DaySessions {
    const sources: Source[] = [];
    const origins = new Set<string>();
    try {
      for (const { name, reader } of openSources(options)) {
        const origin = reader.identity?.origin;
        const isAgain = origin !== undefined && origins.has(origin);
        if (isAgain) options.log(sourceCountedOnce(name));
        if (isAgain) reader.close();
        else sources.push({ name, reader });
        if (origin !== undefined) origins.add(origin);
      }
    } catch (error) {
      for (const { reader } of sources) reader.close();
      throw error;
    }
    return new DaySessions(options, sources);
  }

  /** Of all domains, or of those that are named. */
  *domains(only?: readonly string[]): Generator<DomainSessions> {
    const streams = this.#sources.map(({ reader }) => reader.domainTallies(only));
    for (const { key, values } of mergeOrdered(streams, ({ domain }) => domain)) yield { domain: key, tallies: values };
  }

  /** In the order of `pairKey`. Names that no report can have are left out. */
  *mxHosts(): Generator<HostSessions> {
    const streams = this.#sources.map(({ reader }) => withUsableNames(reader.tlsaTallies()));
    const merged = mergeOrdered(streams, ({ domain, tally }) => pairKey(tally.policy.domain, domain));
    for (const { values } of merged) {
      const [first] = values;
      if (first) yield { host: first.tally.policy.domain, domain: first.domain, tallies: values };
    }
  }

  *recipients(): Generator<Recipient> {
    const streams = this.#sources.map(({ reader }) => reader.domainsWithRecords());
    for (const { key, values } of mergeOrdered(streams, ({ domain }) => domain))
      yield { domain: key, hasRecord: values.some(({ hasRecord }) => hasRecord) };
  }

  /** Each MX host with TLSA records, and a domain that mail was sent to by it; some of them more than once. */
  *tlsaDomains(): Generator<{ readonly host: string; readonly domain: string }> {
    for (const { reader } of this.#sources)
      for (const { baseDomain, domain } of reader.tlsaDomains()) yield { host: baseDomain, domain };
  }

  /** By origin, how many sessions each of those has that are brought together. */
  sessionsByOrigin(): Map<string, number> {
    return new Map(
      this.#sources.map(({ name, reader }) => {
        const sessions = reader.sums().policies.reduce((sum, { successful, failed }) => sum + successful + failed, 0);
        return [reader.identity?.origin ?? name, sessions];
      }),
    );
  }

  /** To be asked once everything has been read that is wanted. */
  tellUnreadable(): void {
    const { day, log } = this.#options;
    for (const { name, reader } of this.#sources) {
      const why = reader.unreadable();
      if (why.length > 0) log(sessionsLeftOut({ source: name, day }, why));
    }
  }

  close(): void {
    for (const { reader } of this.#sources) reader.close();
  }
}

function* withUsableNames(tallies: Iterable<TlsaTally>): Generator<TlsaTally> {
  for (const seen of tallies) if (isUsableDomain(seen.tally.policy.domain) && isUsableDomain(seen.domain)) yield seen;
}

interface Source {
  readonly name: string;
  readonly reader: SessionDayReader;
}

/** Of other hosts, a day that cannot be read is like one that is not here, which report has waited for. */
function* openSources({ store, day, partial, log }: DayOptions): Generator<Source> {
  const leftOut = ({ message }: Problem): void => {
    log(fetchedLeftOut(message));
  };
  const own = store.sessions.read(day);
  if (own) yield { name: 'this host', reader: own };
  const incomplete: string[] = [];
  for (const name of store.fetched.folders()) {
    const reader = containProblem(() => store.fetched.read(name, day), leftOut);
    if (reader) yield { name, reader };
    else incomplete.push(name);
  }
  for (const name of partial ? incomplete : []) {
    const reader = containProblem(() => store.fetched.readPartial(name, day), leftOut);
    if (reader) yield { name, reader };
  }
}

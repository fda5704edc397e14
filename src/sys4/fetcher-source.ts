/**
 * A program that speaks sys4's fetcher protocol, taken for a state directory: what it prints about a day becomes an ordinary day file.
 *
 * It is asked for the list of domains and then for each domain, several at a time; an answer that does not come is asked for again. A domain
 * about which it cannot answer, or has nothing though it named it, is left out and named, as long as it goes on answering otherwise; the next run asks about those domains then, and for all of the day once there is an answer. Else a
 * program that cannot tell whether a day has changed is believed to have given all of it the first time.
 * Problems: policy-domain-unusable.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '#events/event.ts';
import { clockOff, namesLeftOut, sessionsLeftOut } from '#events/fetch-events.ts';
import type { Store } from '#store/store.ts';
import type { Clock } from '#support/clock.ts';
import { readDomain, readDomainList } from './fetcher-protocol.ts';
import type { DomainList, DomainListReading } from './fetcher-protocol.ts';
import { MAX_NAMED, Sys4Day } from './sys4-day.ts';
import { shownName } from './sys4-tally.ts';
import type { Sys4Reading } from './sys4-tally.ts';
import { canonicalDomain } from '#tlsrpt/domain-name.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { Fetcher, FetcherAnswer, FetcherBounds } from './fetcher.ts';
import type { CopyResult, CopyWish, StateSource } from '#pipeline/fetch/state-source.ts';

export interface FetcherSourceOptions {
  readonly store: Store;
  readonly log: Log;
  readonly clock: Clock;
  /** Passes between two attempts; ends early once the signal aborts. */
  readonly pause?: Pause;
}

type Pause = (signal: AbortSignal | undefined) => Promise<void>;

type ListReading = Extract<DomainListReading, { kind: 'list' }>;
type Failure = Exclude<CopyResult, { kind: 'copied' | 'unchanged' | 'absent' | 'gone' | 'not-closed' }>;

/** Of which its host may be ahead of ours, or behind; the answer may have been under way for as long. */
const CLOCK_TOLERANCE_MS = 60_000;
/** Over ssh each process costs a round trip or several; more at once, and sshd turns some away (MaxStartups 10). */
const PARALLEL_PROCESSES = 6;
const MAX_ATTEMPTS = 3;
/** A line that drops, or a server that starts anew, is often back by then. */
const BETWEEN_ATTEMPTS_MS = 2_000;
const MAX_LIST_BYTES = 64 * 1024 ** 2;
const MAX_DOMAIN_BYTES = 16 * 1024 ** 2;
const MAX_TOTAL_BYTES = 4 * 1024 ** 3;
/** Where there is no answer about more domains than this, it is the source that fails. */
const MAX_SILENT_DOMAINS = 20;

export function fetcherSource(program: Fetcher, options: FetcherSourceOptions): StateSource {
  const { name } = program;
  const fetcher = askedAgain(program, options.pause ?? shortPause);
  return {
    name,
    mayReadHere: true,
    async copyDay(day, into, wish = {}) {
      if (wish.known && !options.store.fetched.isInPart(name, day)) return { kind: 'unchanged' };
      const list = await askForList({ fetcher, day, signal: wish.signal });
      if (list.kind !== 'list') return list;
      const aheadMs = list.hostMs - options.clock.nowMs();
      if (Math.abs(aheadMs) > CLOCK_TOLERANCE_MS) options.log(clockOff({ source: name, day }, aheadMs));
      if (list.unusable.length > 0) options.log(namesLeftOut({ source: name, day }, list.unusable));
      if (list.latestCompleteDay < day) return { kind: 'not-closed' };
      if (list.domains.length === 0) return list.latestCompleteDay > day ? gone(list, day) : { kind: 'absent' };
      const asking = { fetcher, day, wish };
      const missing = wish.known
        ? await stillMissing(asking, list.domains, options.store.fetched.domainsIn(name, day))
        : [];
      if (missing.length === 0) return copyDomains(asking, list.domains, into, options);
      options.log(sessionsLeftOut({ source: name, day }, namesOf(missing)));
      return { kind: 'unchanged' };
    },
  };
}

async function copyDomains(
  asking: Asking,
  domains: readonly string[],
  into: string,
  { store }: FetcherSourceOptions,
): Promise<CopyResult> {
  const { fetcher, day } = asking;
  const fetched = new Sys4Day(store.fetched.beginTallied(into, { day, origin: store.fetched.originOf(fetcher.name) }));
  const failure = await askForDomains({ ...asking, fetched }, domains);
  if (failure) fetched.discard();
  return failure ?? fetched.finish();
}

/**
 * A day that was overtaken is not the same as an empty one. It is there beside a later one when the collector was down at the midnight
 * between them, since it moves its file aside at the first midnight that it sees.
 */
function gone({ latestCompleteDay }: DomainList, day: UtcDay): CopyResult {
  return {
    kind: 'gone',
    why: `its latest complete day is ${latestCompleteDay} by now, and ${day} is gone`,
    advice: 'A fetcher of sys4 keeps one day alone; fetch every day, some time after midnight UTC.',
  };
}

interface AskingForList extends Pick<CopyWish, 'signal'> {
  readonly fetcher: Fetcher;
  readonly day: UtcDay;
}

async function askForList({
  fetcher,
  day,
  signal,
}: AskingForList): Promise<
  (DomainList & { readonly kind: 'list' } & Pick<ListReading, 'unusable' | 'hostMs'>) | Failure
> {
  const answer = await fetcher.ask([day], { maxBytes: MAX_LIST_BYTES, signal });
  if (answer.kind !== 'answered') return answer;
  const reading = await readDomainList(answer.text, signal);
  if (reading.kind === 'unreadable') return { kind: 'damaged', why: reading.why };
  return { kind: 'list', ...reading.list, unusable: reading.unusable, hostMs: reading.hostMs };
}

interface Asking {
  readonly fetcher: Fetcher;
  readonly day: UtcDay;
  readonly wish: CopyWish;
}

/** Where what is heard of the domains goes. */
interface AskingForDomains extends Asking {
  readonly fetched: Pick<Sys4Day, 'add' | 'leaveOutDomain'>;
}

type Silence = Exclude<FetcherAnswer, { kind: 'answered' }>;

/**
 * The domains of which nothing is `here`, as phrases, where nothing counts of any of them now either; none where something does. So a fetcher that fails
 * for good about a domain is not asked for all of the day by each run.
 */
async function stillMissing(
  asking: Asking,
  domains: readonly string[],
  here: ReadonlySet<string>,
): Promise<readonly string[]> {
  const missing = domains.filter((domain) => !here.has(canonicalDomain(domain)));
  let counted = 0;
  const unread: string[] = [];
  const fetched: AskingForDomains['fetched'] = {
    add: ({ tallies, leftOut }) => {
      counted += tallies.length;
      unread.push(...leftOut.slice(0, MAX_NAMED));
    },
    leaveOutDomain: (domain, why) => unread.push(`${shownName(domain)}${why}`),
  };
  const { signal } = asking.wish;
  const failure = await askForDomains({ ...asking, wish: { signal }, fetched }, missing);
  if (counted > 0 || missing.length === 0) return [];
  return failure ? missing.map((domain) => `${shownName(domain)}${withoutAnswer(failure.why)}`) : unread;
}

function namesOf(phrases: readonly string[]): string[] {
  const more = phrases.length - MAX_NAMED;
  return [...phrases.slice(0, MAX_NAMED), ...(more > 0 ? [`${String(more)} more`] : [])];
}

function withoutAnswer(why: string): string {
  return `, about which there is no answer (${why})`;
}

/** Undefined when all of them have answered, or it is they and not the source that cannot. */
async function askForDomains(asking: AskingForDomains, domains: readonly string[]): Promise<Failure | undefined> {
  const { fetched, wish } = asking;
  const queue = domains.values();
  const progress = { domains: 0, bytes: 0 };
  const silent = new Map<string, Silence>();
  const isHopeless = (): boolean =>
    progress.bytes > MAX_TOTAL_BYTES || silent.size > MAX_SILENT_DOMAINS || wish.signal?.aborted === true;
  const worker = async (): Promise<void> => {
    for (const domain of queue) {
      const result = await askForDomain(asking, domain);
      if (result.kind === 'answered') progress.bytes += result.bytes;
      else silent.set(domain, result);
      if (isHopeless()) return;
      wish.progress?.((progress.domains += 1), domains.length);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_PROCESSES }, worker));
  if (progress.bytes > MAX_TOTAL_BYTES) return { kind: 'damaged', why: 'it says more than a day can hold' };
  const [first] = silent.values();
  if (first && (isHopeless() || silent.size === domains.length)) return first;
  const list = first && (await askForList({ ...asking, signal: wish.signal }));
  if (list && list.kind !== 'list') return list;
  for (const [domain, { why }] of silent) fetched.leaveOutDomain(domain, withoutAnswer(why));
  return undefined;
}

/** What cannot be read of its answer is left out. */
async function askForDomain(
  { fetcher, day, fetched, wish }: AskingForDomains,
  domain: string,
): Promise<{ readonly kind: 'answered'; readonly bytes: number } | Silence> {
  const answer = await fetcher.ask([day, domain], { maxBytes: MAX_DOMAIN_BYTES, signal: wish.signal });
  if (answer.kind !== 'answered') return answer;
  const reading = await readDomain(answer.text, domain, wish.signal);
  if (reading.kind === 'unreadable') fetched.leaveOutDomain(domain, `: ${reading.why}`);
  else if (isNothing(reading)) return overtaken;
  else fetched.add(reading);
  return { kind: 'answered', bytes: answer.text.length };
}

function isNothing({ tallies, leftOut }: Sys4Reading): boolean {
  return tallies.length === 0 && leftOut.length === 0;
}

/** At midnight its collector moves the file of the day before out of the way, and the fetcher answers all the same. */
const overtaken: Silence = { kind: 'unreachable', why: 'it named the domain, and has nothing about it any more' };

/** Asks for an answer that did not come once more, and again. */
function askedAgain(fetcher: Fetcher, pause: Pause): Fetcher {
  const askSeveralTimes = async (words: readonly string[], bounds: FetcherBounds): Promise<FetcherAnswer> => {
    for (let attempts = 1; ; attempts += 1) {
      const answer = await fetcher.ask(words, bounds);
      if (answer.kind !== 'unreachable' || attempts === MAX_ATTEMPTS || bounds.signal?.aborted === true) return answer;
      await pause(bounds.signal);
    }
  };
  return { name: fetcher.name, ask: askSeveralTimes };
}

async function shortPause(signal: AbortSignal | undefined): Promise<void> {
  const passed = sleep(BETWEEN_ATTEMPTS_MS, undefined, { signal });
  await passed.catch(() => undefined); // the next attempt ends at once then
}

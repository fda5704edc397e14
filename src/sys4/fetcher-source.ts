/**
 * A program that speaks sys4's fetcher protocol, taken for a state directory: what it prints about a day becomes an ordinary day file.
 *
 * It is asked for the list of domains and then for each domain, several at a time; an answer that does not come is asked for again. A
 * program that cannot tell whether a day has changed is believed to have given all of it the first time.
 * Problems: policy-domain-unusable.
 */
import type { Log } from '#events/event.ts';
import { namesLeftOut } from '#events/fetch-events.ts';
import type { Store } from '#store/store.ts';
import type { TalliedDay } from '#store/tallied-day.ts';
import { readDomain, readDomainList } from './fetcher-protocol.ts';
import type { DomainList } from './fetcher-protocol.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import type { Fetcher, FetcherAnswer, FetcherBounds } from './fetcher.ts';
import type { CopyResult, CopyWish, StateSource } from '#pipeline/fetch/state-source.ts';

export interface FetcherSourceOptions {
  readonly store: Store;
  readonly log: Log;
}

type Failure = Exclude<CopyResult, { kind: 'copied' | 'unchanged' | 'absent' | 'not-closed' }>;

/** Over ssh each process costs a round trip or several; more at once, and sshd turns some away (MaxStartups 10). */
const PARALLEL_PROCESSES = 6;
const MAX_ATTEMPTS = 3;
const MAX_LIST_BYTES = 64 * 1024 ** 2;
const MAX_DOMAIN_BYTES = 16 * 1024 ** 2;
const MAX_TOTAL_BYTES = 4 * 1024 ** 3;

export function fetcherSource(fetcher: Fetcher, options: FetcherSourceOptions): StateSource {
  const { name } = fetcher;
  return {
    name,
    async copyDay(day, into, wish = {}) {
      if (wish.known) return { kind: 'unchanged' };
      const list = await askForList({ fetcher, day, log: options.log, signal: wish.signal });
      if (list.kind !== 'list') return list;
      if (list.latestCompleteDay < day) return { kind: 'not-closed' };
      if (list.domains.length === 0) return { kind: 'absent' };
      const { fetched } = options.store;
      const tallied = fetched.beginTallied(into, { day, origin: fetched.originOf(name) });
      const failure = await askForDomains({ fetcher, day, tallied, wish }, list.domains);
      if (failure) tallied.discard();
      else tallied.finish();
      return failure ?? { kind: 'copied', journal: false };
    },
  };
}

interface AskingForList extends Pick<CopyWish, 'signal'> {
  readonly fetcher: Fetcher;
  readonly day: UtcDay;
  readonly log: Log;
}

async function askForList({
  fetcher,
  day,
  log,
  signal,
}: AskingForList): Promise<(DomainList & { readonly kind: 'list' }) | Failure> {
  const answer = await askAgain(fetcher, [day], { maxBytes: MAX_LIST_BYTES, signal });
  if (answer.kind !== 'answered') return answer;
  const reading = await readDomainList(answer.text, signal);
  if (reading.kind === 'unreadable') return { kind: 'damaged', why: reading.why };
  if (reading.unusable.length > 0) log(namesLeftOut({ source: fetcher.name, day }, reading.unusable));
  return { kind: 'list', ...reading.list };
}

interface Asking {
  readonly fetcher: Fetcher;
  readonly day: UtcDay;
  readonly tallied: TalliedDay;
  readonly wish: CopyWish;
}

/** Undefined when all of them have answered. */
async function askForDomains(asking: Asking, domains: readonly string[]): Promise<Failure | undefined> {
  const queue = domains.values();
  const progress = { domains: 0, bytes: 0 };
  let failure: Failure | undefined;
  const worker = async (): Promise<void> => {
    for (const domain of queue) {
      const result = await askForDomain(asking, domain);
      if (result.kind === 'added') progress.bytes += result.bytes;
      else failure ??= result;
      if (progress.bytes > MAX_TOTAL_BYTES) failure ??= { kind: 'damaged', why: 'it says more than a day can hold' };
      if (failure) return;
      asking.wish.progress?.((progress.domains += 1), domains.length);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_PROCESSES }, worker));
  return failure;
}

async function askForDomain(
  { fetcher, day, tallied, wish }: Asking,
  domain: string,
): Promise<{ readonly kind: 'added'; readonly bytes: number } | Failure> {
  const answer = await askAgain(fetcher, [day, domain], { maxBytes: MAX_DOMAIN_BYTES, signal: wish.signal });
  if (answer.kind !== 'answered') return answer;
  const reading = await readDomain(answer.text, domain, wish.signal);
  if (reading.kind === 'unreadable') return { kind: 'damaged', why: reading.why };
  for (const tally of reading.tallies) tallied.add(tally);
  return { kind: 'added', bytes: answer.text.length };
}

async function askAgain(fetcher: Fetcher, words: readonly string[], bounds: FetcherBounds): Promise<FetcherAnswer> {
  for (let attempts = 1; ; attempts += 1) {
    const answer = await fetcher.ask(words, bounds);
    if (answer.kind !== 'unreachable' || attempts === MAX_ATTEMPTS || bounds.signal?.aborted === true) return answer;
  }
}

/**
 * Takes the reports that are posted to `serve`, as the settings say: one thread has to do with who posts, another reads and stores.
 *
 * Problems: configuration-error, http-not-listening, thread-not-started.
 */
import type { Worker } from 'node:worker_threads';
import { REPORTS_PATH } from '#adapters/http/answer-report.ts';
import { isLoopback } from '#adapters/http/listen-on.ts';
import type { ListenAddress, ServerIdentity } from '#adapters/http/listen-on.ts';
import { NewsTeller } from '#adapters/http/http-news.ts';
import type { ReportNews } from '#adapters/http/report-news.ts';
import { ThreadedReportReceiver } from '#adapters/http/threaded-report-receiver.ts';
import type { LogEvent } from '#events/event.ts';
import {
  postedFailed,
  postedFull,
  postedLimited,
  postedNotStored,
  postedReady,
  postedRefused,
  postedThroughProxy,
} from '#events/posted-events.ts';
import { dayAgesUnknown, oldDayRemoved } from '#events/retention-events.ts';
import { PostedQueue } from '#pipeline/read/posted-queue.ts';
import type { PostedNews } from '#pipeline/read/posted-queue.ts';
import type { PostedThreadData } from '#pipeline/read/posted-reports-thread.ts';
import { AnsweringThread } from '#support/answering-thread.ts';
import { systemClock } from '#support/clock.ts';
import { readSqliteWasm } from '#support/embedded-file.ts';
import { giveBackLargeMemory } from '#support/large-memory.ts';
import { startThread } from '#support/thread.ts';
import { configurationError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';
import { SecretRenewal } from './secret-renewal.ts';
import { readServerIdentity } from './server-identity.ts';
import { statePathOf } from './state.ts';

export interface ReportSecrets {
  readonly identity: ServerIdentity | undefined;
}

type Wanted = Pick<Invocation, 'settings' | 'environment'>;
type NotStored = PostedNewsOf<'answered'>['problems'][number] & { readonly kind: 'not-stored' };
type PostedNewsOf<Kind> = Extract<PostedNews, { kind: Kind }>;

const NAMES = {
  certificate: 'serve.reports_certificate',
  key: 'serve.reports_key',
  credential: 'serve-reports-key',
};
const MIB = 1_048_576;
/** For as much as is stored together: longer than whoever posts is kept waiting. */
const DEADLINE_MS = 60_000;
/** A document has its own bounds, within which reading takes less. */
const MEMORY = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 16 };

/** Of an address that other machines reach, refuses without TLS. */
export function readReportSecrets({ settings, environment }: Wanted): ReportSecrets {
  const { reportsListen, reportsCertificate, reportsKey, reportsInsecure } = settings;
  const identity = readServerIdentity({ certificate: reportsCertificate, key: reportsKey }, NAMES, environment);
  if (identity || reportsInsecure || !reportsListen || isLoopback(reportsListen)) return { identity };
  throw configurationError(
    `serve.reports_listen: other machines reach ${reportsListen.host}, so serve.reports_certificate and serve.reports_key are needed. ` +
      'Set them; listen on 127.0.0.1, with a proxy before it that has TLS; or set serve.reports_insecure, where that proxy is on another machine.',
  );
}

/** Undefined where no reports are to be taken. */
export async function startReportReceiver(invocation: Invocation): Promise<ReportReceiver | undefined> {
  const { reportsListen } = invocation.settings;
  if (!reportsListen) return undefined;
  giveBackLargeMemory(); // each large report passes through memory several times
  const receiver = new ReportReceiver(invocation, reportsListen);
  await receiver.listen();
  return receiver;
}

export class ReportReceiver {
  readonly renewal: SecretRenewal<ReportSecrets>;
  readonly #invocation: Invocation;
  readonly #secrets: ReportSecrets;
  readonly #queue: PostedQueue;
  readonly #server: ThreadedReportReceiver;

  constructor(invocation: Invocation, address: ListenAddress) {
    this.#invocation = invocation;
    this.#secrets = readReportSecrets(invocation);
    this.#queue = this.#newQueue();
    this.#server = this.#newServer(address);
    this.renewal = this.#newRenewal();
  }

  /** How often each status was answered. */
  readonly counts = (): ReadonlyMap<number, number> => this.#server.counts();

  async listen(): Promise<void> {
    const scheme = this.#secrets.identity ? 'https' : 'http';
    this.#invocation.log(postedReady(`${scheme}://${await this.#server.listen()}${REPORTS_PATH}`));
  }

  /** Answers what has come, and ends. */
  async end(): Promise<void> {
    await this.#server.stop();
    await this.#queue.end();
    await this.#server.finish();
  }

  #newRenewal(): SecretRenewal<ReportSecrets> {
    const read = (): ReportSecrets => readReportSecrets(this.#invocation);
    const use = ({ identity }: ReportSecrets): void => {
      this.#server.renew(identity);
    };
    const { log } = this.#invocation;
    return new SecretRenewal({ secrets: this.#secrets, read, use, log }, systemClock.steadyMs());
  }

  #newQueue(): PostedQueue {
    const start = (): Worker => startThread('posted-reports', threadData(this.#invocation), MEMORY);
    return new PostedQueue({
      thread: new AnsweringThread(start, DEADLINE_MS),
      answer: (request, outcome) => {
        this.#server.answer(request, outcome);
      },
      tell: storeTeller(this.#invocation),
    });
  }

  #newServer(address: ListenAddress): ThreadedReportReceiver {
    const { settings, log } = this.#invocation;
    const { reportsProxies: proxies, reportsRate: mostPerMinute } = settings;
    const data = { address, identity: this.#secrets.identity, proxies, mostPerMinute };
    return new ThreadedReportReceiver(data, {
      posted: (request, posted) => {
        this.#queue.add(request, posted);
      },
      tell: (news) => {
        log(eventOf(news));
      },
    });
  }
}

function threadData(invocation: Invocation): PostedThreadData {
  const { keepInboundDays: keepDays, reportsKeepFree } = invocation.settings;
  const path = statePathOf(invocation);
  return { path, keepDays, keepFreeBytes: reportsKeepFree * MIB, sqliteWasm: readSqliteWasm() };
}

function storeTeller({ log }: Pick<Invocation, 'log'>): (news: PostedNews) => void {
  const teller = new NewsTeller<NotStored>(({ code, message }) => {
    log(postedNotStored(code, message));
  });
  return (news) => {
    if (news.kind === 'failed') {
      log(postedFailed(news.error));
      return;
    }
    for (const why of news.ageless) log(dayAgesUnknown(why));
    for (const removed of news.removed) log(oldDayRemoved(removed));
    for (const problem of news.problems) teller.tell({ kind: 'not-stored', ...problem });
  };
}

function eventOf(news: ReportNews): LogEvent {
  switch (news.kind) {
    case 'refused':
      return postedRefused(news.from, news.why);
    case 'limited':
      return postedLimited(news.from);
    case 'full':
      return postedFull(news.from);
    case 'unknown-proxy':
      return postedThroughProxy(news.from);
  }
}

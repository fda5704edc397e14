/**
 * `report --deliver --shared`: reports days together with other reporters, which use the same OpenSearch or Elasticsearch.
 *
 * Each of them has the days of all hosts here, as `fetch` brings them. What they agree on, and what they have reported, lies in the engine; what is here of
 * it is only for the run. With `--day unreported` also what waits of earlier days is delivered once it is due.
 * Problems: configuration-error, cluster-unreachable, cluster-refused, and those of report.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { sendStopping } from '#events/send-events.ts';
import type { BuildOptions } from '#pipeline/report/build-reports.ts';
import { contentMark } from '#pipeline/report/content-mark.ts';
import { requireNotReportedAlone } from '#pipeline/report/require-not-reported-alone.ts';
import { addReports, removeOldDays } from '#pipeline/report/report-day.ts';
import type { ReportDayOptions } from '#pipeline/report/report-day.ts';
import { tellWhetherCollected } from '#pipeline/report/tell-whether-collected.ts';
import { unreportedDays } from '#pipeline/report/unreported-days.ts';
import type { Deliverers } from '#pipeline/send/attempt-delivery.ts';
import { sendReports } from '#pipeline/send/send-reports.ts';
import { ReportBuckets } from '#pipeline/share/bucket-work.ts';
import { LeaseKeeper } from '#pipeline/share/lease-keeper.ts';
import { OutcomePublisher } from '#pipeline/share/outcome-publisher.ts';
import { shareDay } from '#pipeline/share/share-day.ts';
import type { SharedDay } from '#pipeline/share/share-day.ts';
import type { Store } from '#store/store.ts';
import { systemClock } from '#support/clock.ts';
import { problemOf } from '#support/internal-error.ts';
import { Problem } from '#support/problem.ts';
import type { UtcDay } from '#tlsrpt/utc-day.ts';
import { configurationError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';
import { requestedFinishedDay, UNREPORTED } from '#cli/arguments/flags.ts';
import { allDone, orLater } from '#cli/exit-code.ts';
import type { Ending, ExitCode } from '#cli/exit-code.ts';
import { progressBar } from '#cli/output/progress-bar.ts';
import type { ProgressBar } from '#cli/output/progress-bar.ts';
import { Trouble } from '#cli/output/trouble.ts';
import { waysOfSending } from './deliver.ts';
import { noted } from './noted-run.ts';
import { buildOptionsOf, requireExpectedHosts } from './report-options.ts';
import type { SharedDays } from './shared-days.ts';
import { onStopSignal } from './stop-signal.ts';

const PATIENCE_MS = 180_000;
const POLLS_IN_A_LEASE = 6;
const LONGEST_POLL_MS = 5_000;

export async function reportShared(invocation: Invocation): Promise<ExitCode> {
  const { log, clock, supervisor } = invocation;
  const progress = progressBar('delivering', log, invocation.terminal);
  const [{ transportsOf }, { sharedDaysOf }] = await Promise.all([
    import('#cli/wiring/transports.ts'), // the mail and web clients take a while to load
    import('#cli/wiring/shared-days.ts'),
  ]);
  const trouble = new Trouble(progress.log);
  const options = await buildOptionsOf(invocation, trouble);
  refuseDirectories(options);
  const transports = transportsOf({ ...invocation, log: progress.log });
  const shared = sharedDaysOf(invocation);
  const { stopping, release } = onStopSignal(supervisor);
  stopping.addEventListener('abort', () => {
    log(sendStopping());
  });
  try {
    const reporter = new SharedReporter({ invocation, options, shared, transports, progress, trouble, stopping });
    return await noted('report', { store: options.store, clock, log }, async () => trouble.over(await reporter.run()));
  } finally {
    await Promise.all(Object.values(transports).map((transport) => transport.close()));
    shared.close();
    progress.stop();
    release();
  }
}

/** It would be one on each machine, and whoever can write to the engine could name any. */
function refuseDirectories({ maps }: Pick<BuildOptions, 'maps'>): void {
  const entries = maps ? [...maps.record, ...maps.mail, ...maps.https] : [];
  const entry = entries.find(({ text }) => /directory:/i.test(text));
  if (entry) throw configurationError(`${entry.where} sends reports to a directory, which does not go with --shared.`);
}

interface ReporterOptions {
  readonly invocation: Invocation;
  readonly options: Omit<BuildOptions, 'day'>;
  readonly shared: SharedDays;
  readonly transports: Deliverers['transports'];
  readonly progress: ProgressBar;
  readonly trouble: Trouble;
  readonly stopping: AbortSignal;
}

/** A day, and whether there may be something to report of it. */
interface DayToDo {
  readonly day: UtcDay;
  readonly isToReport: boolean;
}

class SharedReporter {
  readonly #options: ReporterOptions;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  async run(): Promise<Ending> {
    const { shared, stopping, invocation, options } = this.#options;
    const identity = await shared.reports.prepare();
    const isCollected = this.#isYesterdayThere();
    let ending = isCollected ? allDone : orLater(allDone, 'day-not-collected');
    for (const { day, isToReport } of await this.#days()) {
      if (stopping.aborted) break;
      const dayOptions = { ...options, day, store: options.store.shared(identity) };
      const { waiting } = await this.#contained(day, () => {
        const isHere = isToReport && this.#isOursToReport(day);
        return this.#share(this.#reportOptions(dayOptions, invocation), isHere);
      });
      if (waiting > 0) ending = orLater(ending, 'deliveries-waiting');
    }
    return ending;
  }

  /** What is wrong with one day keeps no other from its reports; without the cluster there is nothing to do for any of them. */
  async #contained(day: UtcDay, act: () => Promise<SharedDay>): Promise<Pick<SharedDay, 'waiting'>> {
    try {
      return await act();
    } catch (error) {
      if (error instanceof Problem && error.code === 'cluster-unreachable') throw error;
      this.#options.trouble.note(problemOf(error, `No further report about ${day}, and all other days go on`));
      return { waiting: 0 };
    }
  }

  #isYesterdayThere(): boolean {
    const { invocation, options } = this.#options;
    if (invocation.given.text('day') === UNREPORTED) return true;
    const day = requestedFinishedDay(invocation);
    return tellWhetherCollected({ ...options, day }, invocation.settings.sources.length > 0);
  }

  /** Oldest first. */
  async #days(): Promise<DayToDo[]> {
    const { invocation, options, shared } = this.#options;
    if (invocation.given.text('day') !== UNREPORTED)
      return [{ day: requestedFinishedDay(invocation), isToReport: true }];
    const toReport = new Set(unreportedDays(options.store, invocation.clock.nowMs()));
    const days = new Set([...toReport, ...(await shared.leases.days('waiting'))]);
    return [...days].sort().map((day) => ({ day, isToReport: toReport.has(day) }));
  }

  /** What keeps it back is told, and what others have built of the day is delivered all the same. */
  #isOursToReport(day: UtcDay): boolean {
    const { invocation, options, trouble } = this.#options;
    try {
      requireNotReportedAlone({ ...options, day });
      requireExpectedHosts({ ...options, day }, invocation);
      return true;
    } catch (error) {
      trouble.note(problemOf(error, `No report about ${day}`));
      return false;
    }
  }

  #reportOptions(options: BuildOptions, { settings, clock, given }: Invocation): ReportDayOptions {
    const { keepDays, spread: spreadMs } = settings;
    const keepDaysAreUnusual = given.text('keep-days') !== undefined;
    return { ...options, keepDays, keepDaysAreUnusual, spreadMs, clock, random: Math.random };
  }

  async #share(options: ReportDayOptions, isHere: boolean): Promise<SharedDay> {
    const { store, day, log } = options;
    const { shared, invocation, stopping } = this.#options;
    const { clusterLease: leaseMs } = invocation.settings;
    const version = store.reportedDays.versionOf(day);
    const mark = isHere ? contentMark(options) : undefined;
    await removeOldDays({ ...options, store: this.#options.options.store });
    store.outboxes.discard(day); // what a run that was killed has left
    const clock = { ...systemClock, nowMs: () => invocation.clock.nowMs() };
    const times = { leaseMs, patienceMs: PATIENCE_MS, pollMs: Math.min(leaseMs / POLLS_IN_A_LEASE, LONGEST_POLL_MS) };
    const keeper = new LeaseKeeper({ leases: shared.leases, day, host: hostname(), clock, stopping, log, ...times });
    const countedAs = `${day} shared ${randomUUID()}`;
    const outcomes = new OutcomePublisher({ reports: shared.reports, day, clock });
    const work: ReportBuckets = new ReportBuckets({
      ...{ store, day, mark, keeper, outcomes, reports: shared.reports, stopping },
      build: async (isMeant) => {
        await addReports({ ...options, isMeant });
      },
      deliver: (isMeant) => this.#deliver(store, { day, isMeant, countedAs, sharing: work }),
    });
    try {
      const came = await shareDay({ day, keeper, mark, work, clock, random: Math.random, stopping, log, ...times });
      if (mark !== undefined && !stopping.aborted)
        store.reportedDays.note(day, version, came.isReported ? undefined : invocation.clock.nowMs());
      return came;
    } finally {
      await outcomes.end();
      await keeper.end();
      store.outboxes.discard(day);
    }
  }

  async #deliver(store: Store, meant: Meant): Promise<void> {
    const { invocation, transports, progress, trouble, stopping } = this.#options;
    await sendReports({
      ...waysOfSending(invocation),
      ...meant,
      store,
      domains: [],
      evenIfNotDue: false,
      transports,
      log: progress.log,
      progress,
      dayRefused: trouble.note,
      stopping,
    });
  }
}

type Meant = Pick<Required<Deliverers>, 'sharing'> & {
  readonly day: UtcDay;
  readonly countedAs: string;
  readonly isMeant: (policyDomain: string) => boolean;
};

/**
 * Plans the reports about one UTC day from the sessions that were collected and fetched, and builds them one after the other.
 *
 * Writes nothing. Records are looked up first, all that are needed; from then on nothing waits, and no more than one domain is in memory.
 * Problems: those of look-up-records.ts, plan-day.ts, domain-not-seen.
 */
import { domainNotSeen } from '#events/report-events.ts';
import type { Log } from '#events/event.ts';
import type { BuiltReport, StoredReport } from '#store/outbox/outbox-entries.ts';
import type { ScratchTexts } from '#store/scratch-texts.ts';
import { adoptedCounts, adoptedSubject } from './adopted-counts.ts';
import type { EarlierReport } from './adopted-counts.ts';
import { buildReport } from './build-report.ts';
import type { ReportForm } from './build-report.ts';
import { DayRecords } from './day-records.ts';
import { DaySessions } from './day-sessions.ts';
import type { DayOptions } from './day-sessions.ts';
import { KeptRecords } from './kept-records.ts';
import { lookUpRecords } from './look-up-records.ts';
import type { RecordAnswers } from './look-up-records.ts';
import { onlyReportMails } from './loop-guard.ts';
import { withinDomain } from './domain-wall.ts';
import type { DomainFailed } from './domain-wall.ts';
import type { DestinationMaps } from './map-destinations.ts';
import { planDay } from './plan-day.ts';
import type { DayPlanOptions, PlannedDomain } from './plan-day.ts';
import { surveyDay } from './survey-day.ts';
import type { TlsrptRecords } from './tlsrpt-records.ts';
import { unreportedContent } from './unreported-content.ts';

export interface BuildOptions extends DayOptions, ReportForm {
  readonly records: TlsrptRecords;
  /** Only these policy domains; empty for all. */
  readonly domains: readonly string[];
  /** Of these only the ones that it is true for. */
  readonly isMeant?: (policyDomain: string) => boolean;
  /** Whether operators of MX hosts with TLSA records get reports of their own. */
  readonly mxHosts: boolean;
  /** Whether to leave out reports that would be about nothing but the mails with reports. */
  readonly loopGuard: boolean;
  /** The mailbox that gets a copy of every mail, if there is one. */
  readonly copyTo?: string | undefined;
  /** Where the administrator wants reports to go instead; undefined: where the records say. */
  readonly maps?: DestinationMaps;
  readonly domainFailed: DomainFailed;
}

/** Gives `use` what is planned, to be gone through as often as it likes, for as long as it runs. */
export async function withPlans<T>(
  options: BuildOptions,
  use: (plans: Iterable<PlannedDomain>) => T | Promise<T>,
): Promise<T> {
  const sessions = DaySessions.open(options);
  const scratch = options.store.scratchTexts();
  try {
    const { answers, ...plan } = await settledBeforehand(sessions, { ...options, scratch });
    const log = onFirstRound(options.domains.length === 0 ? options.log : asWarnings(options.log));
    const failed = onFirstRound(options.domainFailed);
    const result = await use({
      [Symbol.iterator]: () => {
        const records = new DayRecords(answers, new KeptRecords(scratch));
        const round = { ...plan, log: log(), domainFailed: failed(), records };
        return tellUnseen(planDay(sessions, round), { ...options, log: round.log });
      },
    });
    sessions.tellUnreadable();
    return result;
  } finally {
    sessions.close();
    scratch.close();
  }
}

interface LookUpOptions extends BuildOptions {
  /** For records that are too much for memory. */
  readonly scratch: ScratchTexts;
}

type SettledBeforehand = Omit<DayPlanOptions, 'log' | 'domainFailed' | 'records'> & {
  readonly answers: Pick<RecordAnswers, 'get'>;
};

/** What the plans depend on beyond the sessions of one domain, and the records that were looked up. */
async function settledBeforehand(sessions: DaySessions, options: LookUpOptions): Promise<SettledBeforehand> {
  const { store, day, mxHosts, domains, isMeant = () => true, maps, loopGuard, copyTo } = options;
  const isRequested = (domain: string): boolean =>
    (domains.length === 0 || domains.includes(domain)) && isMeant(domain);
  const survey = surveyDay(sessions, { mxHosts, isRequested });
  const answers = await lookUpNew(survey.toLookUp, options);
  const onlyReports = loopGuard ? onlyReportMails(sessions, { ...options, copyTo }) : new Set<string>();
  const identity = store.identity();
  return { ...survey, answers, day, identity, mxHosts, maps, isRequested, onlyReportMails: onlyReports };
}

/**
 * What the reports are as far as the day has come, also where some of it was reported already. What another program reported stays as it is, and
 * what there is beyond it is a supplement.
 */
export function withReportsSoFar<T>(
  options: BuildOptions,
  use: (reports: Iterable<BuiltReport>) => T | Promise<T>,
): Promise<T> {
  const failed = onFirstRound(options.domainFailed);
  return options.store.outboxes.withReports(options.day, (stored) =>
    withPlans(options, (plans) =>
      use({ [Symbol.iterator]: () => soFar(plans, stored, { ...options, domainFailed: failed() }) }),
    ),
  );
}

function* soFar(
  plans: Iterable<PlannedDomain>,
  stored: Iterable<StoredReport>,
  options: BuildOptions,
): Generator<BuiltReport> {
  const { domains } = options;
  const adopted = new Map<string, EarlierReport[]>();
  for (const report of stored) {
    const { outgoing, destinations, reported } = report;
    const { policyDomain } = outgoing;
    if (reported.subject !== adoptedSubject(policyDomain)) continue;
    adopted.set(policyDomain, [...(adopted.get(policyDomain) ?? []), { destinations, reported }]);
    if (domains.length === 0 || domains.includes(policyDomain)) yield report;
  }
  yield* buildAll(plans, adopted, options);
}

/** `adopted`: what another program reported, by policy domain. */
function* buildAll(
  plans: Iterable<PlannedDomain>,
  adopted: ReadonlyMap<string, readonly EarlierReport[]>,
  form: BuildOptions,
): Generator<BuiltReport> {
  for (const planned of plans) {
    const { policyDomain } = planned;
    const build = (): BuiltReport[] => builtBeyond(planned, adopted.get(policyDomain) ?? [], form);
    yield* withinDomain({ policyDomain, build, withhold: () => [] }, form.domainFailed);
  }
}

function builtBeyond({ plans }: PlannedDomain, adopted: readonly EarlierReport[], form: BuildOptions): BuiltReport[] {
  const adoptedFor = adoptedCounts(adopted, plans);
  return plans
    .map((plan) => buildReport(plan, { ...unreportedContent(plan, adoptedFor(plan)), revision: adopted.length }, form))
    .filter((report) => report !== undefined);
}

/** A session that was reported counts as reported to the same addresses, whatever DNS says by now. */
async function lookUpNew(domains: ReadonlySet<string>, options: LookUpOptions): Promise<KeptRecords> {
  const { store, day, records, log, scratch } = options;
  const answers = new KeptRecords(scratch);
  if (domains.size === 0) return answers;
  const unknown = new Set(domains);
  store.outboxes.eachLookedUpRecord(day, (domain, record) => {
    answers.set(domain, { kind: 'record', record });
    unknown.delete(domain);
  });
  await lookUpRecords(unknown, records, { found: answers, log });
  return answers;
}

/** What is not worth a line about one domain of many is the answer to a question about this one. */
function asWarnings(log: Log): Log {
  return (event) => {
    log(event.level === 'error' ? event : { ...event, level: 'warning' });
  };
}

/** Nothing is told twice when the plans are gone through again. */
function onFirstRound<T>(tell: (told: T) => void): () => (told: T) => void {
  let rounds = 0;
  return () => {
    rounds += 1;
    return rounds === 1 ? tell : () => undefined;
  };
}

function* tellUnseen(plans: Iterable<PlannedDomain>, { domains, day, log }: BuildOptions): Generator<PlannedDomain> {
  const unseen = new Set(domains);
  for (const planned of plans) {
    unseen.delete(planned.policyDomain);
    yield planned;
  }
  for (const domain of unseen) log(domainNotSeen(domain, day));
}

/**
 * Puts the reports about one UTC day into the outbox, each with a delivery to every address that asked for it.
 *
 * All of them in one step, so a crash leaves none or all; what fails about one domain withholds its reports alone. A second run changes nothing, except where more sessions have turned up:
 * a report whose transmission has not started is replaced, and to any other a supplement is added that holds what is new.
 *
 * RFC 8460 4.1, 5. Problems: store-locked, store-damaged, disk-full, and those of build-reports.ts.
 */
import { reportsBuilt } from '#events/report-events.ts';
import { dayAgesUnknown, oldDayRemoved } from '#events/retention-events.ts';
import type { Outbox } from '#store/outbox/outbox.ts';
import type { DomainChanges, Withheld } from '#store/outbox/outbox-entries.ts';
import type { Clock } from '#support/clock.ts';
import type { Problem } from '#support/problem.ts';
import { nonEmpty } from '#support/non-empty.ts';
import { utcDayOf } from '#tlsrpt/utc-day.ts';
import { withPlans } from './build-reports.ts';
import type { BuildOptions } from './build-reports.ts';
import { withheldAfter, withinDomain } from './domain-wall.ts';
import { outboxChanges, withholdingChanges } from './outbox-changes.ts';
import type { StoredAbout } from './outbox-changes.ts';
import type { PlannedDomain } from './plan-day.ts';

export interface ReportDayOptions extends BuildOptions {
  readonly clock: Clock;
  /** Days that lie further back than this are removed. Counted from the day itself, so an old one can be reported too. */
  readonly keepDays: number;
  /** True when `keepDays` was given for this run alone. */
  readonly keepDaysAreUnusual?: boolean;
  /** Deliveries are due at a random moment within this time from now (RFC 8460 4.1). */
  readonly spreadMs: number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

export interface ReportedDay {
  /** How many domains there may be reports on once their records can be looked up. */
  readonly unknown: number;
}

export async function reportDay(options: ReportDayOptions): Promise<ReportedDay> {
  const { store, day } = options;
  await removeOldDays(options);
  return notingThatItIsReported(options, (noting) =>
    withPlans(noting, (plans) => {
      const worthAnOutbox = store.outboxes.days().includes(day) ? plans : nonEmpty(withContent(plans));
      return worthAnOutbox ? putIntoOutbox(worthAnOutbox, noting) : { unknown: 0 };
    }),
  );
}

/** What is older than it is to be kept. */
export async function removeOldDays(options: ReportDayOptions): Promise<void> {
  const { store, day, keepDays, keepDaysAreUnusual, clock, log } = options;
  const retention = { today: utcDayOf(clock.nowMs()), countedFrom: day, keepDays };
  const ageless = ({ message }: Problem): void => {
    log(dayAgesUnknown(message));
  };
  for (const removed of await store.removeOldDays(retention, ageless)) log(oldDayRemoved(removed, keepDaysAreUnusual));
}

/** Puts them into an outbox that is there, and notes nothing elsewhere. */
export function addReports(options: ReportDayOptions): Promise<ReportedDay> {
  return withPlans(options, (plans) => putIntoOutbox(plans, options));
}

/** Afterwards: what a crash leaves unnoted is done again, and changes nothing. What comes while the day is read is not taken for reported. */
async function notingThatItIsReported(
  options: ReportDayOptions,
  report: (options: ReportDayOptions) => Promise<ReportedDay>,
): Promise<ReportedDay> {
  const { store, day, domains, partial, clock, domainFailed } = options;
  const version = store.reportedDays.versionOf(day);
  let failed = 0;
  const reported = await report({
    ...options,
    domainFailed: (problem) => {
      failed += 1;
      domainFailed(problem);
    },
  });
  const isLeft = reported.unknown + failed > 0;
  if (domains.length === 0 && !partial) store.reportedDays.note(day, version, isLeft ? clock.nowMs() : undefined);
  return reported;
}

function putIntoOutbox(plans: Iterable<PlannedDomain>, options: ReportDayOptions): ReportedDay {
  const { store, day, log } = options;
  const outbox = store.outboxes.open(day);
  try {
    const seen = { unknown: 0 };
    const refused = (policyDomain: string, failure: unknown): Withheld =>
      withheldAfter(policyDomain, failure, options.domainFailed);
    const changes = outbox.replaceReports(changesFor(outbox, counted(plans, seen), options), refused);
    if (changes > 0) log(reportsBuilt(day, outbox.countReports()));
    return seen;
  } finally {
    outbox.close();
  }
}

function* changesFor(
  outbox: Outbox,
  plans: Iterable<PlannedDomain>,
  options: ReportDayOptions,
): Generator<DomainChanges> {
  const withheld = new Map(outbox.withheld().map((withholding) => [withholding.policyDomain, withholding]));
  const isNew = outbox.countReports() === 0;
  const form = { ...options, dueMs: () => dueMs(options) };
  for (const planned of plans) {
    const { policyDomain } = planned;
    const before = withheld.get(policyDomain);
    const changes = withinDomain(
      {
        policyDomain,
        build: () => {
          const stored = isNew ? NOTHING_STORED : storedOn(policyDomain, outbox);
          return [...outboxChanges(planned, { ...stored, withheld: before }, form)];
        },
        withhold: (instead) => [...withholdingChanges({ policyDomain, withheld: instead }, before)],
      },
      options.domainFailed,
    );
    if (changes.length > 0) yield { policyDomain, changes };
  }
}

const NOTHING_STORED = {
  reports: () => [],
  unsent: { areJust: (reports: readonly unknown[]): boolean => reports.length === 0 },
};

function storedOn(policyDomain: string, outbox: Outbox): Omit<StoredAbout, 'withheld'> {
  return { reports: () => outbox.reportsOn(policyDomain), unsent: outbox.unsentOn(policyDomain) };
}

function* withContent(plans: Iterable<PlannedDomain>): Generator<PlannedDomain> {
  for (const planned of plans) if (planned.plans.length > 0 || planned.withheld !== undefined) yield planned;
}

function* counted(plans: Iterable<PlannedDomain>, seen: { unknown: number }): Generator<PlannedDomain> {
  for (const planned of plans) {
    if (planned.withheld?.why === 'record-unknown') seen.unknown += 1;
    yield planned;
  }
}

function dueMs({ clock, spreadMs, random }: ReportDayOptions): number {
  return clock.nowMs() + Math.floor(random() * spreadMs);
}

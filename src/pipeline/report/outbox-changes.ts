/**
 * What has to change in the outbox for it to hold what is planned about one domain.
 *
 * Until its transmission has started, a report is built anew when it would be another now, and taken back when there would be none. From
 * then on it stays; what it and its supplements have not reported goes into a further supplement. When nobody knows whether the domain
 * asks for reports, or they cannot be built, everything stays as it is. A second run mostly finds what it would build, which its digest tells
 * without reading what is there.
 */
import type { OutboxChange, StoredReport, UnsentReports, Withheld } from '#store/outbox/outbox-entries.ts';
import { adoptedCounts, adoptedSubject } from './adopted-counts.ts';
import { buildReport, subjectAbout } from './build-report.ts';
import type { ReportForm, NewReport } from './build-report.ts';
import type { PlannedDomain } from './plan-day.ts';
import { countsLeft } from './reported-counts.ts';
import { unreportedContent } from './unreported-content.ts';

export interface StoredAbout {
  /** All reports on the domain, read when they are asked for. */
  readonly reports: () => readonly StoredReport[];
  /** The same while none of them is transmitted; undefined when one is, or nobody knows. */
  readonly unsent: UnsentReports | undefined;
  readonly withheld: Withheld | undefined;
}

export interface ChangeOptions extends ReportForm {
  /** When the deliveries of a new report are due. */
  readonly dueMs: () => number;
}

export function* outboxChanges(
  planned: PlannedDomain,
  stored: StoredAbout,
  options: ChangeOptions,
): Generator<OutboxChange> {
  const { unsent } = stored;
  const reports = unsent ? [] : stored.reports();
  const wanted = unreportedReports(planned, reports, options);
  if (unsent?.areJust(wanted) !== true) yield* changesTo(unsent ? stored.reports() : reports, wanted, planned, options);
  yield* withholdingChanges(planned, stored.withheld);
}

function* changesTo(
  reports: readonly StoredReport[],
  wanted: readonly NewReport[],
  planned: PlannedDomain,
  { dueMs }: ChangeOptions,
): Generator<OutboxChange> {
  for (const report of wanted) {
    const before = reports.find((other) => revisionKey(other) === revisionKey(report));
    if (before === undefined || !isSame(before, report))
      yield { kind: 'save', report: { ...report, dueMs: dueMs() }, replaces: before?.outgoing.reportId };
  }
  if (isDecided(planned)) yield* withdrawals(reports, new Set(wanted.map(revisionKey)));
}

/** What is to be built beyond the reports that may have been received. */
function unreportedReports(
  { policyDomain, plans }: PlannedDomain,
  reports: readonly StoredReport[],
  options: ChangeOptions,
): NewReport[] {
  const started = reports.filter(({ transmissionStarted }) => transmissionStarted);
  const adopted = started.filter(({ reported }) => reported.subject === adoptedSubject(policyDomain));
  const adoptedFor = adoptedCounts(adopted, plans);
  const built = plans.map((plan) => {
    const subject = subjectAbout(plan, options.day);
    const own = started.filter(({ reported }) => reported.subject === subject);
    const left = [...countsLeft(own.map(({ reported }) => reported.counts)), ...adoptedFor(plan)];
    const revision = Math.max(-1, ...[...own, ...adopted].map(({ reported }) => reported.revision)) + 1;
    return buildReport(plan, { ...unreportedContent(plan, left), revision }, options);
  });
  return built.filter((report) => report !== undefined);
}

function* withdrawals(reports: readonly StoredReport[], wanted: ReadonlySet<string>): Generator<OutboxChange> {
  for (const report of reports) {
    const isOver = report.transmissionStarted || wanted.has(revisionKey(report));
    if (!isOver) yield { kind: 'withdraw', reportId: report.outgoing.reportId };
  }
}

/** False while it may turn out later that what was built is still wanted. */
function isDecided({ withheld }: PlannedDomain): boolean {
  return withheld?.why !== 'record-unknown' && withheld?.why !== 'not-built';
}

export function* withholdingChanges(
  { policyDomain, withheld }: Pick<PlannedDomain, 'policyDomain' | 'withheld'>,
  before: Withheld | undefined,
): Generator<OutboxChange> {
  if (withheld?.why === before?.why && withheld?.detail === before?.detail) return;
  if (withheld === undefined) yield { kind: 'end-withholding', policyDomain };
  else yield { kind: 'withhold', withholding: { policyDomain, ...withheld } };
}

function revisionKey({
  reported,
}: {
  readonly reported: { readonly subject: string; readonly revision: number };
}): string {
  return `${reported.subject} ${String(reported.revision)}`;
}

function isSame(stored: StoredReport, built: NewReport): boolean {
  return (
    stored.outgoing.document === built.outgoing.document &&
    stored.destinations.join(' ') === built.destinations.join(' ')
  );
}

/**
 * Reads the document of a report that others made (RFC 8460 4.4), as it is met and not only as it should be.
 *
 * Nothing readable is refused: each oddity is a remark. The bytes are foreign: this never throws, and what it costs is bounded by its
 * budget. Several documents behind each other are several reports; what follows the last is a remark, too.
 */
import type { Conversions } from './bounded-conversion.ts';
import type { JsonObject } from './foreign-field.ts';
import { InboundBudget } from './inbound-budget.ts';
import { InboundObject } from './inbound-object.ts';
import { readPeriod } from './inbound-period.ts';
import { readPolicy } from './inbound-policy.ts';
import type { PolicyContext } from './inbound-policy.ts';
import { Remarks } from './inbound-remark.ts';
import type { RemarkCode } from './inbound-remark.ts';
import type { DocumentReading, InboundPolicy, InboundReport, UnreadableCode } from './inbound-report.ts';
import { jsonBytes } from './json-encoding.ts';
import { elementsOf, isJsonObject } from './json-pieces.ts';
import { jsonValuesIn } from './json-values.ts';
import type { FoundValues } from './json-values.ts';

export interface Surroundings {
  /** The domain that the mail or the file name says the report is about. */
  readonly policyDomain?: string | undefined;
  /** What was odd about the wrapping. */
  readonly remarks?: readonly RemarkCode[];
  /** Of a document by itself, one of its own. */
  readonly budget?: InboundBudget;
}

export function readInboundReports(bytes: Uint8Array, surroundings: Surroundings = {}): DocumentReading {
  const { budget = new InboundBudget() } = surroundings;
  const excess = budget.spend(bytes);
  if (excess !== undefined) return unreadable(excess);
  const json = jsonBytes(bytes);
  const found = jsonValuesIn(json);
  if (found.values.length === 0) return unreadable(found.flaw ?? 'empty');
  const [total, heads] = [count(found, isReport), count(found, isHead)];
  if (total === 0) return unreadable(heads > 0 ? 'no-policies' : 'not-a-report');
  const wrapping = [
    ...(surroundings.remarks ?? []),
    ...json.remarks,
    ...(found.hasRest ? (['trailing-content'] as const) : []),
    ...(total > 1 ? (['several-reports'] as const) : []),
  ];
  const reports = readReports(found, budget.canonical, { ...surroundings, remarks: wrapping });
  return { kind: 'reports', reports, document: bytes };
}

function readReports(found: FoundValues, canonical: Conversions, surroundings: Surroundings): InboundReport[] {
  const reports: InboundReport[] = [];
  for (const json of objectsIn(found)) {
    const remarks = new Remarks();
    for (const code of surroundings.remarks ?? []) remarks.add(code);
    if (found.repeated > 0) remarks.add('member-repeated', '', found.repeated);
    if (isReport(json)) reports.push(readReport(json, { canonical, remarks, policyDomain: surroundings.policyDomain }));
  }
  return reports;
}

function count(found: FoundValues, isSuch: (json: JsonObject) => boolean): number {
  let sum = 0;
  for (const json of objectsIn(found)) if (isSuch(json)) sum += 1;
  return sum;
}

/** Reports may be in a list. */
function* objectsIn({ values }: FoundValues): Generator<JsonObject> {
  for (const value of values)
    for (const element of elementsOf(value) ?? [value]) if (isJsonObject(element)) yield element;
}

/** Drafts had one policy, and no list. */
function isReport(json: JsonObject): boolean {
  const policies = json['policies'];
  return isJsonObject(policies) || elementsOf(policies) !== undefined || isJsonObject(json['policy']);
}

function isHead(json: JsonObject): boolean {
  return ['date-range', 'report-id', 'policies'].some((name) => Object.hasOwn(json, name));
}

const ofEntry = ['policy', 'summary', 'failure-details', 'report-items'];
const knownOfEntry = new Set(ofEntry);
const known = new Set([
  ...['organization-name', 'organization_name', 'date-range', 'contact-info', 'report-id', 'policies'],
  ...ofEntry,
]);

interface ReportContext extends PolicyContext {
  readonly remarks: Remarks;
}

function readReport(json: JsonObject, context: ReportContext): InboundReport {
  const report = new InboundObject(json, '', context.remarks);
  report.remarkUnknown(known);
  return {
    organization: report.textOf(report.required('organization-name', ['organization_name'])),
    contact: contactOf(report),
    reportId: reportIdOf(report),
    ...readPeriod(report),
    policies: policiesOf(report, context),
    remarks: context.remarks.all(),
  };
}

function policiesOf(report: InboundObject, context: PolicyContext): InboundPolicy[] {
  const policies: InboundPolicy[] = [];
  for (const entry of report.objectsOf(report.member('policies'))) {
    entry.remarkUnknown(knownOfEntry);
    policies.push(readPolicy(entry, context));
  }
  if (policies.length > 0 || !report.has('policy')) return policies;
  report.remark('draft-form');
  return [readPolicy(report, context)];
}

const MAILTO = /^mailto:/i;
/** RFC 5322 3.4.1, as far as it is seen in contacts. */
const BARE_MAILBOX = /^[^\s<>"(),;:]+@[^\s<>"(),;:@]+$/;

function contactOf(report: InboundObject): string | undefined {
  const text = report.textOf(report.required('contact-info'));
  if (text === undefined) return undefined;
  const contact = text.replace(MAILTO, '');
  if (contact !== text || !BARE_MAILBOX.test(contact)) report.remark('contact-form', 'contact-info');
  return contact;
}

/** Microsoft's are a number, `+` and the domain, which is missing sometimes. */
function reportIdOf(report: InboundObject): string | undefined {
  const reportId = report.textOf(report.required('report-id'));
  if (reportId?.endsWith('+') === true) report.remark('report-id-cut', 'report-id');
  return reportId;
}

function unreadable(code: UnreadableCode): DocumentReading {
  return { kind: 'unreadable', code };
}

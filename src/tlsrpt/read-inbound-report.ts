/**
 * Reads the document of a report that others made (RFC 8460 4.4), as it is met and not only as it should be.
 *
 * Nothing readable is refused: each oddity is a remark. The bytes are foreign: this never throws, and what it costs is bounded by its
 * budget. Several documents behind each other are several reports; what follows the last is a remark, too.
 */
import type { Conversions } from './bounded-conversion.ts';
import { isObject } from './foreign-field.ts';
import type { JsonObject } from './foreign-field.ts';
import { InboundBudget } from './inbound-budget.ts';
import { InboundObject } from './inbound-object.ts';
import { readPeriod } from './inbound-period.ts';
import { readPolicy } from './inbound-policy.ts';
import { Remarks } from './inbound-remark.ts';
import type { RemarkCode } from './inbound-remark.ts';
import type { DocumentReading, InboundReport, UnreadableCode } from './inbound-report.ts';
import { decodeJson, jsonValuesIn } from './json-values.ts';

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
  const { text, remarks } = decodeJson(bytes);
  const found = jsonValuesIn(text);
  if (found.values.length === 0) return unreadable(whyNoValue(text, found.isCutShort));
  const objects = found.values.flat().filter(isObject);
  const reports = objects.filter(isReport);
  if (reports.length === 0) return unreadable(objects.some(isHead) ? 'no-policies' : 'not-a-report');
  const wrapping = [
    ...(surroundings.remarks ?? []),
    ...remarks,
    ...(found.rest === '' ? [] : (['trailing-content'] as const)),
    ...(reports.length > 1 ? (['several-reports'] as const) : []),
  ];
  return {
    kind: 'reports',
    document: bytes,
    reports: reports.map((json) => readReport(json, budget.canonical, { ...surroundings, remarks: wrapping })),
  };
}

function whyNoValue(text: string, isCutShort: boolean): UnreadableCode {
  if (text.trim() === '') return 'empty';
  return isCutShort ? 'truncated' : 'not-json';
}

/** Drafts had one policy, and no list. */
function isReport(json: JsonObject): boolean {
  return isObject(json['policies']) || Array.isArray(json['policies']) || isObject(json['policy']);
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

function readReport(json: JsonObject, canonical: Conversions, surroundings: Surroundings): InboundReport {
  const remarks = new Remarks();
  for (const code of surroundings.remarks ?? []) remarks.add(code);
  const report = new InboundObject(json, '', remarks);
  report.remarkUnknown(known);
  return {
    organization: report.textOf(report.required('organization-name', ['organization_name'])),
    contact: contactOf(report),
    reportId: reportIdOf(report),
    ...readPeriod(report),
    policies: entriesOf(report).map((entry) =>
      readPolicy(entry, { canonical, policyDomain: surroundings.policyDomain }),
    ),
    remarks: remarks.all(),
  };
}

function entriesOf(report: InboundObject): InboundObject[] {
  const entries = report.objectsOf(report.member('policies'));
  for (const entry of entries) entry.remarkUnknown(knownOfEntry);
  if (entries.length > 0 || !report.has('policy')) return entries;
  report.remark('draft-form');
  return [report];
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

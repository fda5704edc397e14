/**
 * The report as the JSON document of RFC 8460 4.4. The names on the wire exist in this file alone.
 *
 * Members that would say nothing are left out: policy-string and mx-host where the policy has none, failure-details where nothing
 * failed, and what the MTA did not know about a failure. Member order is fixed, so the same report always gives the same bytes.
 */
import { cleanText } from './clean-text.ts';
import type { Report } from './report.ts';
import { leastSizeBytes, MAX_DOCUMENT_BYTES, shortenedPolicies, sizeBytes } from './shortened-policies.ts';
import type { FailureTally, PolicyTally } from './tally.ts';

export interface ReportDocument {
  readonly 'organization-name': string;
  readonly 'date-range': { readonly 'start-datetime': string; readonly 'end-datetime': string };
  readonly 'contact-info': string;
  readonly 'report-id': string;
  readonly policies: readonly PolicyDocument[];
}

export interface PolicyDocument {
  readonly policy: {
    readonly 'policy-type': string;
    readonly 'policy-string'?: readonly string[];
    readonly 'policy-domain': string;
    readonly 'mx-host'?: readonly string[];
  };
  readonly summary: {
    readonly 'total-successful-session-count': number;
    readonly 'total-failure-session-count': number;
  };
  readonly 'failure-details'?: readonly FailureDocument[];
}

export interface FailureDocument {
  readonly 'result-type': string;
  readonly 'sending-mta-ip'?: string;
  readonly 'receiving-mx-hostname'?: string;
  readonly 'receiving-mx-helo'?: string;
  readonly 'receiving-ip'?: string;
  readonly 'failed-session-count': number;
  readonly 'additional-information'?: string;
  readonly 'failure-reason-code'?: string;
}

const MAX_ORGANIZATION_NAME_LENGTH = 255;
/** UTF-8 of one UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;

/** A report that is larger than a mail can carry is shortened, its totals kept (RFC 8460 5.2). */
export function formatReport(report: Report): string {
  const whole = leastSizeBytes(report.policies) > MAX_DOCUMENT_BYTES ? undefined : documentText(report);
  if (whole !== undefined && fitsIntoMail(whole)) return whole;
  return documentText({ ...report, policies: shortenedPolicies(report.policyDomain, report.policies) });
}

function fitsIntoMail(text: string): boolean {
  return text.length * MAX_BYTES_PER_UNIT <= MAX_DOCUMENT_BYTES || sizeBytes(text) <= MAX_DOCUMENT_BYTES;
}

function documentText(report: Report): string {
  return `${JSON.stringify(reportDocument(report), null, 2)}\n`; // RFC 8460 4: I-JSON, RFC 7493
}

export function reportDocument(report: Report): ReportDocument {
  return {
    'organization-name': cleanText(report.submitter.organizationName, MAX_ORGANIZATION_NAME_LENGTH),
    'date-range': {
      'start-datetime': `${report.day}T00:00:00Z`,
      'end-datetime': `${report.day}T23:59:59Z`, // RFC 8460 4.4: RFC 3339 knows no 24:00:00
    },
    'contact-info': report.submitter.contactInfo,
    'report-id': report.reportId,
    policies: report.policies.map(policyDocument),
  };
}

/** The contact that a document names which `formatReport` made: whoever submits it. */
export function contactInfoIn(document: string): string {
  return (JSON.parse(document) as ReportDocument)['contact-info'];
}

function policyDocument({ policy, successful, failed, failures }: PolicyTally): PolicyDocument {
  const saysSomething = policy.type !== 'no-policy-found';
  return {
    policy: {
      'policy-type': policy.type,
      ...(saysSomething && policy.strings.length > 0 ? { 'policy-string': policy.strings } : {}),
      'policy-domain': policy.domain,
      ...(saysSomething && policy.mxHosts.length > 0 ? { 'mx-host': policy.mxHosts } : {}),
    },
    summary: { 'total-successful-session-count': successful, 'total-failure-session-count': failed },
    ...(failures.length > 0 ? { 'failure-details': failures.map(failureDocument) } : {}),
  };
}

export function failureDocument({ details, sessions }: FailureTally): FailureDocument {
  return {
    'result-type': details.resultType,
    ...(details.sendingMtaIp === undefined ? {} : { 'sending-mta-ip': details.sendingMtaIp }),
    ...(details.receivingMxHostname === undefined ? {} : { 'receiving-mx-hostname': details.receivingMxHostname }),
    ...(details.receivingMxHelo === undefined ? {} : { 'receiving-mx-helo': details.receivingMxHelo }),
    ...(details.receivingIp === undefined ? {} : { 'receiving-ip': details.receivingIp }),
    'failed-session-count': sessions,
    ...(details.additionalInformation === undefined ? {} : { 'additional-information': details.additionalInformation }),
    ...(details.failureReasonCode === undefined ? {} : { 'failure-reason-code': details.failureReasonCode }),
  };
}

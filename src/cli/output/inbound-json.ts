/**
 * Reports of others as JSON, in the shape that docs/json.md promises.
 */
import type { InboundReading } from '#pipeline/read/inbound-reading.ts';
import type { InboundFailure, InboundPolicy } from '#tlsrpt/inbound-report.ts';
import type { Verification } from '#tlsrpt/verification.ts';
import { timeJson } from './inbound-period.ts';

export type ShownReading = Exclude<InboundReading, { kind: 'passed-over' }>;

export function inboundJson(reading: ShownReading): unknown {
  if (reading.kind === 'unreadable') {
    const { source, code, why } = reading;
    return { source, unreadable: { code, why } };
  }
  const { source, report, verification } = reading;
  return {
    source,
    organization: report.organization ?? null,
    contact: report.contact ?? null,
    reportId: report.reportId ?? null,
    start: timeJson(report.startMs),
    end: timeJson(report.endMs),
    policies: report.policies.map(policyJson),
    verification: verificationJson(verification),
    remarks: report.remarks,
  };
}

function verificationJson({ method, result, domain, selector, why }: Verification): unknown {
  return { method, result, domain: domain ?? null, selector: selector ?? null, why };
}

function policyJson({ type, domain, strings, mxHosts, successful, failed, failures }: InboundPolicy): unknown {
  return { type, domain, strings, mxHosts, successful, failed, failures: failures.map(failureJson) };
}

function failureJson(failure: InboundFailure): unknown {
  return {
    resultType: failure.resultType,
    sessions: failure.sessions,
    sendingMtaIp: failure.sendingMtaIp ?? null,
    receivingMxHostname: failure.receivingMxHostname ?? null,
    receivingMxHelo: failure.receivingMxHelo ?? null,
    receivingIp: failure.receivingIp ?? null,
    reasonCode: failure.reasonCode ?? null,
    additionalInformation: failure.additionalInformation ?? null,
  };
}

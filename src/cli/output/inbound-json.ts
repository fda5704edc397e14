/**
 * Reports of others as JSON, in the shape that docs/json.md promises. Lists that may be long are made while they are written.
 */
import type { InboundReading } from '#pipeline/read/inbound-reading.ts';
import type { Bounce } from '#tlsrpt/bounce.ts';
import type { InboundFailure, InboundPolicy } from '#tlsrpt/inbound-report.ts';
import type { Verification } from '#tlsrpt/verification.ts';
import { timeJson } from './inbound-period.ts';

export type ShownReading = Exclude<InboundReading, { kind: 'passed-over' }>;

/** For JsonArrayText, once. */
export function inboundJson(reading: ShownReading): unknown {
  if (reading.kind === 'unreadable') {
    const { source, code, why } = reading;
    return { source, unreadable: { code, why } };
  }
  if (reading.kind === 'bounce') return { source: reading.source, bounce: bounceJson(reading.bounce) };
  const { source, report, verification } = reading;
  return {
    source,
    organization: report.organization ?? null,
    contact: report.contact ?? null,
    reportId: report.reportId ?? null,
    start: timeJson(report.startMs),
    end: timeJson(report.endMs),
    policies: each(report.policies, policyJson),
    verification: verificationJson(verification),
    remarks: report.remarks,
  };
}

function bounceJson({ action, status, words, recipients, messageIds }: Bounce): unknown {
  return { action, status: status ?? null, words, recipients, messageId: messageIds[0] ?? null };
}

function verificationJson({ method, result, domain, selector, why }: Verification): unknown {
  return { method, result, domain: domain ?? null, selector: selector ?? null, why };
}

function policyJson({ type, domain, strings, mxHosts, successful, failed, failures }: InboundPolicy): unknown {
  return { type, domain, strings, mxHosts, successful, failed, failures: each(failures, failureJson) };
}

function* each<T>(elements: readonly T[], json: (element: T) => unknown): Generator {
  for (const element of elements) yield json(element);
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

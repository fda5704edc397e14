/**
 * One entry of the failure-details of a report of others (RFC 8460 4.4).
 *
 * What a sender did not know it leaves out, or writes as null or as an empty text; a result type that is not known stays as it is (6.6).
 */
import type { Conversions } from './bounded-conversion.ts';
import { cleanText } from './clean-text.ts';
import { heloName } from './helo-name.ts';
import type { InboundObject } from './inbound-object.ts';
import type { InboundFailure } from './inbound-report.ts';
import { bareAddress } from './ip-address.ts';
import { resultTypes } from './result-type.ts';
import type { KnownResultType } from './result-type.ts';

/** As drafts of before RFC 8460 had them. */
const draftResultTypes: ReadonlyMap<string, KnownResultType> = new Map(
  Object.entries({
    certificateexpired: 'certificate-expired',
    certificatehostmismatch: 'certificate-host-mismatch',
    certificatenottrusted: 'certificate-not-trusted',
    certificatenameconstraintsnotpermitted: 'certificate-not-trusted',
    expiredcertificate: 'certificate-expired',
    starttlsnotsupported: 'starttls-not-supported',
    stsinvalid: 'sts-policy-invalid',
    validationfailure: 'validation-failure',
    webpkiinvalid: 'sts-webpki-invalid',
  } as const),
);
const WITH_REASON = new Set(['certificate-not-trusted', 'validation-failure']);

const names = {
  resultType: 'result-type',
  sessions: 'failed-session-count',
  sendingMtaIp: 'sending-mta-ip',
  receivingMxHostname: 'receiving-mx-hostname',
  receivingMxHelo: 'receiving-mx-helo',
  receivingIp: 'receiving-ip',
  reasonCode: 'failure-reason-code',
  additionalInformation: 'additional-information',
} as const;
/** Of drafts, and of a program that takes the names of the grammar for those of the members. */
const otherNames = {
  sessions: ['session-count', 'message-count'],
  reasonCode: ['failure-error-code'],
  additionalInformation: ['additional-info-uri'],
} as const;
const known: ReadonlySet<string> = new Set([...Object.values(names), ...Object.values(otherNames).flat()]);

export function readFailure(failure: InboundObject, canonical: Conversions): InboundFailure {
  failure.remarkUnknown(known);
  const resultType = resultTypeOf(failure);
  const reasonCode = failure.textOf(failure.member(names.reasonCode, otherNames.reasonCode));
  if (reasonCode === undefined && WITH_REASON.has(resultType)) failure.remark('reason-missing'); // RFC 8460 4.3.1, 4.3.3
  return {
    resultType,
    sessions: failure.countOf(failure.required(names.sessions, otherNames.sessions)),
    sendingMtaIp: addressOf(failure, names.sendingMtaIp, canonical),
    receivingMxHostname: hostOf(failure, canonical),
    receivingMxHelo: heloOf(failure),
    receivingIp: addressOf(failure, names.receivingIp, canonical),
    reasonCode,
    additionalInformation: failure.textOf(
      failure.member(names.additionalInformation, otherNames.additionalInformation),
    ),
  };
}

function resultTypeOf(failure: InboundObject): string {
  const text = failure.textOf(failure.required(names.resultType)) ?? '';
  if (resultTypes.some((type) => type === text)) return text;
  const draft = draftResultTypes.get(text.toLowerCase().replace(/[^a-z]/g, ''));
  const meant = resultTypes.find((type) => type === text.toLowerCase()) ?? draft;
  if (text !== '') failure.remark(meant === undefined ? 'unknown-result-type' : 'draft-result-type', names.resultType);
  return meant ?? text;
}

/** One that is none stays as it is: it may still tell somebody something. */
function addressOf(failure: InboundObject, name: string, canonical: Conversions): string | undefined {
  const text = failure.textOf(failure.member(name));
  if (text === undefined) return undefined;
  const address = canonical.address(bareAddress(text));
  if (address !== text) failure.remark(address === undefined ? 'address-unusable' : 'address-form', name);
  return address ?? text;
}

function hostOf(failure: InboundObject, canonical: Conversions): string | undefined {
  const text = failure.textOf(failure.member(names.receivingMxHostname));
  if (text === undefined) return undefined;
  const host = canonical.name(text) ?? text;
  if (host !== text) failure.remark('domain-form', names.receivingMxHostname);
  return host;
}

/** Postfix's library passes on the whole reply to EHLO. */
function heloOf(failure: InboundObject): string | undefined {
  const member = failure.member(names.receivingMxHelo);
  const text = failure.textOf(member);
  if (text === undefined || typeof member?.value !== 'string') return text;
  const name = cleanText(heloName(member.value.trim().slice(0, text.length)) ?? text, text.length) || text;
  if (name !== text) failure.remark('helo-whole-reply', names.receivingMxHelo);
  return name;
}

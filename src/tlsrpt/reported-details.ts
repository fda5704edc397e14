/**
 * What a report says of one kind of failure.
 *
 * RFC 8460 4.3.1 and 4.3.3 want a reason with two of the result types, and 4.4 a URI as additional information. libtlsrpt takes any text
 * for both, or none.
 */
import type { ResultType } from './result-type.ts';
import type { FailureDetails } from './session.ts';

/** Where the RFC wants a reason and the MTA gave none. */
export const UNSPECIFIED_REASON = 'unspecified';

const WITH_REASON: readonly ResultType[] = ['certificate-not-trusted', 'validation-failure']; // RFC 8460 4.3.1, 4.3.3
/** RFC 3986 4.3: an absolute URI, here with a fragment if it has one. */
const URI = /^[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/;

export function reportedDetails(details: FailureDetails): FailureDetails {
  const { resultType, additionalInformation: information, failureReasonCode: code } = details;
  const isUri = information !== undefined && URI.test(information);
  const reason = isUri ? code : reasonWith(code, information);
  return {
    ...details,
    additionalInformation: isUri ? information : undefined, // RFC 8460 4.4: a URI
    failureReasonCode: reason ?? (WITH_REASON.includes(resultType) ? UNSPECIFIED_REASON : undefined),
  };
}

/** RFC 8460 4.4: the reason may be any text, so what is said beside it goes there. */
function reasonWith(code: string | undefined, remark: string | undefined): string | undefined {
  if (code === undefined || remark === undefined || code === remark) return code ?? remark;
  return `${code}; ${remark}`;
}

/**
 * The document of RFC 8460 4.4 as a schema: every key, type and optionality, nothing else allowed.
 *
 * Written from the RFC, not from the program, so that it can judge what the program writes.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { z } from 'zod';

/** RFC 7493 2.1; control characters are legal, but no text of a report has use for them. */
const iJsonText = z.string().regex(/^[^\p{Cc}\p{Surrogate}\p{Noncharacter_Code_Point}]+$/u);
const aLabels = z
  .string()
  .regex(/^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/);
const mxPattern = z.string().refine((text) => aLabels.safeParse(text.replace(/^\*\./, '')).success);
const rfc3339 = z.string().regex(/^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/);
const addrSpec = z.string().regex(/^[^\s<>@]+@[a-z0-9.-]+$/i);
const msgId = z.string().regex(/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[a-z0-9.-]+$/);
const ipAddress = z.string().refine((text) => isIPv4(text) || isRfc5952(text));
const absoluteUri = z.string().refine((text) => URL.canParse(text) && /^[\x21-\x7e]+$/.test(text));
const count = z.int().nonnegative();

const summary = z.strictObject({
  'total-successful-session-count': count,
  'total-failure-session-count': count,
});

const policy = z.discriminatedUnion('policy-type', [
  z.strictObject({
    'policy-type': z.literal('sts'),
    'policy-string': z.array(z.string()).nonempty().optional(), // RFC 8460 4.5: blank lines are errors to be shown
    'policy-domain': aLabels,
    'mx-host': z.array(mxPattern).nonempty().optional(),
  }),
  z.strictObject({
    'policy-type': z.literal('tlsa'),
    'policy-string': z.array(iJsonText).nonempty().optional(),
    'policy-domain': aLabels,
  }),
  z.strictObject({ 'policy-type': z.literal('no-policy-found'), 'policy-domain': aLabels }),
]);

const failureDetails = z
  .strictObject({
    'result-type': z.enum([
      'starttls-not-supported',
      'certificate-host-mismatch',
      'certificate-expired',
      'certificate-not-trusted',
      'validation-failure',
      'tlsa-invalid',
      'dnssec-invalid',
      'dane-required',
      'sts-policy-fetch-error',
      'sts-policy-invalid',
      'sts-webpki-invalid',
    ]),
    'sending-mta-ip': ipAddress.optional(),
    'receiving-mx-hostname': iJsonText.optional(),
    'receiving-mx-helo': iJsonText.regex(/^\S+$/).optional(),
    'receiving-ip': ipAddress.optional(),
    'failed-session-count': count.positive(),
    'additional-information': absoluteUri.optional(),
    'failure-reason-code': iJsonText.optional(),
  })
  .refine((failure) => !wantsReason(failure['result-type']) || failure['failure-reason-code'] !== undefined);

export const reportSchema = z.strictObject({
  'organization-name': iJsonText,
  'date-range': z.strictObject({ 'start-datetime': rfc3339, 'end-datetime': rfc3339 }),
  'contact-info': addrSpec,
  'report-id': msgId,
  policies: z.array(
    z.strictObject({ policy, summary, 'failure-details': z.array(failureDetails).nonempty().optional() }),
  ),
});

/** RFC 8460 4.3.1, 4.3.3. */
function wantsReason(resultType: string): boolean {
  return resultType === 'certificate-not-trusted' || resultType === 'validation-failure';
}

/** Lower case, no zone, no leading zeros, the zeros shortened. */
function isRfc5952(text: string): boolean {
  return isIPv6(text) && !/[A-Z%]|(^|:)0[0-9a-f]|:0:0:|^0:0:/.test(text);
}

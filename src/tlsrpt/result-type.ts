/**
 * Result types (RFC 8460 4.3 and the IANA registry) and the failure codes by which libtlsrpt names them.
 */

export const resultTypes = [
  'starttls-not-supported',
  'certificate-host-mismatch',
  'certificate-not-trusted',
  'certificate-expired',
  'validation-failure',
  'sts-policy-fetch-error',
  'sts-policy-invalid',
  'sts-webpki-invalid',
  'tlsa-invalid',
  'dnssec-invalid',
  'dane-required',
] as const;

export type ResultType = (typeof resultTypes)[number];

const VALIDATION_FAILURE = 205;

const byLibtlsrptCode = new Map<number, ResultType>([
  [201, 'starttls-not-supported'],
  [202, 'certificate-host-mismatch'],
  [203, 'certificate-not-trusted'],
  [204, 'certificate-expired'],
  [205, 'validation-failure'],
  [301, 'sts-policy-fetch-error'],
  [302, 'sts-policy-invalid'],
  [303, 'sts-webpki-invalid'],
  [304, 'tlsa-invalid'],
  [305, 'dnssec-invalid'],
  [306, 'dane-required'],
]);

/** The result type of a libtlsrpt failure code; undefined for a code that is not known. */
export function resultTypeOf(code: unknown): ResultType | undefined {
  return typeof code === 'number' ? byLibtlsrptCode.get(code) : undefined;
}

/** The code by which libtlsrpt names it. */
export function libtlsrptCodeOf(resultType: ResultType): number {
  const [code] = [...byLibtlsrptCode].find(([, named]) => named === resultType) ?? [];
  return code ?? VALIDATION_FAILURE;
}

/**
 * Result types (RFC 8460 4.3 and the IANA registry) and the failure codes by which libtlsrpt names them.
 *
 * The registry grows (RFC 8460 6.6), so a type that is not known here is kept as it is.
 */
import { isTypeName } from './type-name.ts';

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

export type KnownResultType = (typeof resultTypes)[number];
/** In the form of one, and none of those above. */
export type UnknownResultType = string & { readonly brand: 'UnknownResultType' };
export type ResultType = KnownResultType | UnknownResultType;

const VALIDATION_FAILURE = 205;

const byLibtlsrptCode = new Map<number, KnownResultType>([
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

/** For a value out of a file, whoever wrote it; undefined for what can be no result type. */
export function readResultType(value: unknown): ResultType | undefined {
  return isTypeName(value) ? (value as ResultType) : undefined; // RFC 8460 6.6: new types may be registered
}

export function isKnownResultType(type: ResultType): type is KnownResultType {
  return resultTypes.some((known) => known === type);
}

/** The result type of a libtlsrpt failure code; undefined for a code that is not known. */
export function resultTypeOf(code: unknown): KnownResultType | undefined {
  return typeof code === 'number' ? byLibtlsrptCode.get(code) : undefined;
}

/** The code by which libtlsrpt names it; of a type that libtlsrpt does not know, the one of `validation-failure`. */
export function libtlsrptCodeOf(resultType: ResultType): number {
  const [code] = [...byLibtlsrptCode].find(([, named]) => named === resultType) ?? [];
  return code ?? VALIDATION_FAILURE;
}

/**
 * What there is to know of a certificate that a server showed, for those who judge it.
 */

/** Hexadecimal, in lower case, in the order of TLSA's matching types 0, 1 and 2. */
export type Digests = readonly [exact: string, sha256: string, sha512: string];

export interface ShownCertificate {
  /** The host names that it is for, wildcards among them; foreign text. */
  readonly names: readonly string[];
  /** Foreign text. */
  readonly issuer: string;
  readonly validFromMs: number;
  readonly validToMs: number;
  /** In the order of TLSA's selectors: the whole certificate, its key. */
  readonly digests: readonly [whole: Digests, key: Digests];
  /** True when the next one that the server showed is of an authority and signed it. */
  readonly isSignedByNext: boolean;
}

/**
 * The port by which read looks up the keys of DKIM signatures (RFC 6376 3.6.2).
 *
 * Nothing rejects. Names are asked for that strangers chose, so whoever implements this bounds the time that a run waits for all of them.
 */
export type KeyAnswer =
  /** The TXT records of the name; none where there is no such name. */
  | { readonly kind: 'answered'; readonly records: readonly string[] }
  /** `why` is a phrase. */
  | { readonly kind: 'unanswered'; readonly why: string };

export interface KeyRecords {
  /** `name` as in `SELECTOR._domainkey.DOMAIN`. */
  lookUp(name: string): Promise<KeyAnswer>;
}

/**
 * Picks the one TLSRPT record out of the TXT records of `_smtp._tls.DOMAIN` (RFC 8460 3).
 *
 * Other TXT records may stand beside it. Two TLSRPT records, even the same one twice, mean that the domain takes no part. The RFC
 * discards what does not begin with the very text `v=TLSRPTv1;`, while its grammar allows blanks before the semicolon: such a record
 * counts only where no other has the plain form.
 */
export type RecordSelection =
  | { readonly kind: 'none' }
  | { readonly kind: 'one'; readonly record: string }
  | { readonly kind: 'several'; readonly records: readonly string[] };

const VERSION = 'TLSRPTv1';

/** Each TXT record is given as the character-strings it is made of, as node:dns gives it. */
export function selectTlsrptRecord(txtRecords: readonly (readonly string[])[]): RecordSelection {
  return selectRecord(txtRecords, VERSION);
}

/** The same for a record that begins with another version, such as `STSv1` (RFC 8461 3.1 has the same rules). */
export function selectRecord(txtRecords: readonly (readonly string[])[], version: string): RecordSelection {
  const texts = txtRecords.map((strings) => strings.join('')); // RFC 8460 3: nothing between the strings
  const plain = texts.filter((text) => text.startsWith(`v=${version};`));
  return selectionOf(plain.length > 0 ? plain : texts.filter((text) => beginsWith(version, text)));
}

/** True for a record that says it is a TLSRPT record; case matters, and nothing may stand before it. */
export function hasTlsrptVersion(text: string): boolean {
  return beginsWith(VERSION, text);
}

function beginsWith(version: string, text: string): boolean {
  const tag = `v=${version}`;
  return text.startsWith(tag) && /^[ \t]*(?:;|$)/.test(text.slice(tag.length));
}

function selectionOf(records: readonly string[]): RecordSelection {
  const [record] = records;
  if (record === undefined) return { kind: 'none' };
  return records.length === 1 ? { kind: 'one', record } : { kind: 'several', records }; // RFC 8460 3: exactly one
}

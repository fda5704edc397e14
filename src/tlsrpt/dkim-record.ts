/**
 * Reads the TXT record that publishes a DKIM key (RFC 6376 3.6.1), as far as a signature of ours depends on it.
 */
import { colonSeparated, readDkimTags } from './dkim-tags.ts';

export interface DkimRecord {
  readonly keyType: string;
  /** Base64 without blanks; empty when the key is revoked. */
  readonly publicKey: string;
  /** `*` for all. */
  readonly services: readonly string[];
  /** Undefined for all. */
  readonly hashes: readonly string[] | undefined;
  readonly isTesting: boolean;
}

/** Undefined for what no receiver takes for a key. */
export function readDkimRecord(text: string): DkimRecord | undefined {
  const tags = readDkimTags(text);
  if (tags === undefined || (tags.get('v') ?? 'DKIM1') !== 'DKIM1') return undefined;
  const publicKey = tags.get('p');
  if (publicKey === undefined) return undefined;
  const hashes = tags.get('h');
  return {
    keyType: tags.get('k') ?? 'rsa',
    publicKey: publicKey.replace(/\s/g, ''),
    services: colonSeparated(tags.get('s') ?? '*'),
    hashes: hashes === undefined ? undefined : colonSeparated(hashes),
    isTesting: colonSeparated(tags.get('t') ?? '').includes('y'),
  };
}

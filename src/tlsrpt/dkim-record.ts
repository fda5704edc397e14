/**
 * Reads the TXT record that publishes a DKIM key (RFC 6376 3.6.1), as far as a signature of ours depends on it.
 */
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

const TAG = /^\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*([\s\S]*?)\s*$/;
const MAX_LENGTH = 16_384;

/** Undefined for what no receiver takes for a key. */
export function readDkimRecord(text: string): DkimRecord | undefined {
  const tags = text.length > MAX_LENGTH ? undefined : tagsIn(text);
  if (tags === undefined || (tags.get('v') ?? 'DKIM1') !== 'DKIM1') return undefined;
  const publicKey = tags.get('p');
  if (publicKey === undefined) return undefined;
  const hashes = tags.get('h');
  return {
    keyType: tags.get('k') ?? 'rsa',
    publicKey: publicKey.replace(/\s/g, ''),
    services: wordsIn(tags.get('s') ?? '*'),
    hashes: hashes === undefined ? undefined : wordsIn(hashes),
    isTesting: wordsIn(tags.get('t') ?? '').includes('y'),
  };
}

/** RFC 6376 3.2. Undefined for what is not a list of tags, or has one twice. */
function tagsIn(text: string): ReadonlyMap<string, string> | undefined {
  const tags = new Map<string, string>();
  for (const part of text.replace(/;\s*$/, '').split(';')) {
    const [, name, value = ''] = TAG.exec(part) ?? [];
    if (name === undefined || tags.has(name)) return undefined;
    tags.set(name, value);
  }
  return tags;
}

function wordsIn(value: string): string[] {
  return value.split(':').map((word) => word.trim());
}

/**
 * Reads the value of a field DKIM-Signature (RFC 6376 3.5), as far as it decides whether the signature is worth verifying.
 */
import { canonicalDomain, isDnsName } from './domain-name.ts';
import { colonSeparated, readDkimTags } from './dkim-tags.ts';

export interface DkimSignature {
  /** `d=`, in its canonical form. */
  readonly domain: string;
  /** `s=` */
  readonly selector: string;
  readonly algorithm: string;
  /** `h=`, in lower case. */
  readonly signedFields: readonly string[];
  /** False with `l=`: more may have been put behind what is signed (RFC 6376 8.2). */
  readonly coversBody: boolean;
}

/** Undefined for what no verifier may take for a signature. */
export function readDkimSignature(value: string): DkimSignature | undefined {
  const tags = readDkimTags(value);
  const [domain, selector] = [canonicalDomain(tags?.get('d') ?? ''), (tags?.get('s') ?? '').toLowerCase()];
  if (tags?.get('v') !== '1' || !isDnsName(domain) || !isDnsName(selector)) return undefined;
  if (!isOfDomain(tags.get('i'), domain)) return undefined;
  return {
    domain,
    selector,
    algorithm: (tags.get('a') ?? '').toLowerCase(),
    signedFields: colonSeparated(tags.get('h') ?? '').map((name) => name.toLowerCase()),
    coversBody: !tags.has('l'),
  };
}

/** RFC 6376 3.5: the domain of `i=` is that of `d=` or below it. */
function isOfDomain(identity: string | undefined, domain: string): boolean {
  const named = canonicalDomain((identity ?? `@${domain}`).replace(/^.*@/, ''));
  return named === domain || named.endsWith(`.${domain}`);
}

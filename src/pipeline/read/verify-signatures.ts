/**
 * Verifies the DKIM signatures of a mail with a report: one that is right is enough (RFC 8460 3, RFC 6376 6.1).
 *
 * Only those are looked at that speak for the sender, sign From and the whole body, and only a few of them, as each costs a look-up and a hash
 * of the mail. Their key has to be one for mail, or for reports: RFC 8460 3 wants `s=tlsrpt`, and hardly any reporter has it.
 */
import { readDkimRecord } from '#tlsrpt/dkim-record.ts';
import type { DkimRecord } from '#tlsrpt/dkim-record.ts';
import { readDkimSignature } from '#tlsrpt/dkim-signature.ts';
import type { DkimSignature } from '#tlsrpt/dkim-signature.ts';
import { isSignerOf } from '#tlsrpt/verification.ts';
import type { Verification, VerificationResult } from '#tlsrpt/verification.ts';
import type { KeyRecords } from './key-records.ts';
import type { SenderClaims, SignatureCheck } from './mail-opener.ts';
import { namedSenders } from './named-senders.ts';

export interface SignatureVerifying {
  readonly keys: KeyRecords;
  readonly check: (found: FoundSignature & { readonly keyRecord: string }) => Promise<SignatureCheck>;
}

interface FoundSignature {
  /** Its place in the mail. */
  readonly signature: number;
  readonly domain: string;
  readonly selector: string;
}

type Candidate = FoundSignature & DkimSignature;
type Outcome = Pick<Verification, 'result' | 'why'>;

const method = 'dkim';
const MOST_SIGNATURES = 5;
/** RFC 8301 3.1: SHA-1 is not for signatures any more. */
const ALGORITHMS = ['rsa-sha256', 'ed25519-sha256'];
const SERVICES = ['*', 'email', 'tlsrpt'];
/** Which is told of several. */
const PRECEDENCE: readonly VerificationResult[] = ['pass', 'temperror', 'neutral', 'fail'];

export async function verifySignatures(claims: SenderClaims, verifying: SignatureVerifying): Promise<Verification> {
  const candidates = candidatesIn(claims);
  if (!Array.isArray(candidates)) return candidates;
  const outcomes: Verification[] = [];
  for (const candidate of candidates) {
    const { domain, selector } = candidate;
    const outcome = await outcomeOf(candidate, verifying);
    outcomes.push({ method, domain, selector, ...outcome });
    if (outcome.result === 'pass') break;
  }
  return outcomes.reduce((best, next) => (rankOf(next) < rankOf(best) ? next : best));
}

function rankOf({ result }: Verification): number {
  return PRECEDENCE.indexOf(result);
}

/** Those that are worth a look-up, one at least, or what is wrong with all of them. */
function candidatesIn(claims: SenderClaims): Candidate[] | Verification {
  if (claims.signatures.length === 0) return { method, result: 'none', why: 'the mail is not signed' };
  const named = namedSenders(claims);
  if (named === undefined) return failure('the mail names several submitters');
  if (named.fromDomain === undefined) return failure('From does not name one mailbox');
  const signatures = claims.signatures.flatMap((value, signature) => {
    const read = readDkimSignature(value);
    return read ? [{ ...read, signature }] : [];
  });
  const ofSender = signatures.filter(({ domain }) => isSignerOf(domain, named));
  if (ofSender.length > 0) return ofSender.slice(0, MOST_SIGNATURES);
  return failure('the signature is not of the domain of From and of the submitter', signatures[0]);
}

function failure(why: string, { domain, selector }: Partial<FoundSignature> = {}): Verification {
  return { method, result: 'fail', domain, selector, why };
}

async function outcomeOf(candidate: Candidate, { keys, check }: SignatureVerifying): Promise<Outcome> {
  const flaw = flawOf(candidate);
  if (flaw !== undefined) return { result: 'fail', why: flaw };
  const { signature, domain, selector } = candidate;
  const answer = await keys.lookUp(`${selector}._domainkey.${domain}`);
  if (answer.kind === 'unanswered') return { result: 'temperror', why: `the key cannot be looked up: ${answer.why}` };
  const [keyRecord] = answer.records.filter((text) => readDkimRecord(text) !== undefined);
  if (keyRecord === undefined) return { result: 'fail', why: 'there is no such key in DNS' };
  const wrong = flawOfKey(readDkimRecord(keyRecord));
  if (wrong !== undefined) return { result: 'fail', why: wrong };
  return outcomeOfCheck(await check({ signature, domain, selector, keyRecord }), domain);
}

function flawOf({ algorithm, coversBody, signedFields }: DkimSignature): string | undefined {
  if (!ALGORITHMS.includes(algorithm)) return 'the signature is of a kind that nobody relies on any more';
  if (!signedFields.includes('from')) return 'From is not signed'; // RFC 6376 5.4
  return coversBody ? undefined : 'only a part of the body is signed';
}

function flawOfKey(record: DkimRecord | undefined): string | undefined {
  if (record?.publicKey === '') return 'the key has been revoked'; // RFC 6376 3.6.1
  if (record?.services.some((service) => SERVICES.includes(service)) !== true) return 'the key is not one for mail';
  return record.hashes?.includes('sha256') === false ? 'the key is not one for SHA-256' : undefined;
}

function outcomeOfCheck(check: SignatureCheck, domain: string): Outcome {
  if (check.kind === 'right') return { result: 'pass', why: `the signature of ${domain} is right` };
  if (check.kind === 'expired') return { result: 'neutral', why: 'the signature was right, and has expired' };
  return { result: 'fail', why: check.why };
}

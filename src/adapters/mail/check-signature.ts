/**
 * Verifies one DKIM signature of a mail with mailauth (RFC 6376; Ed25519: RFC 8463), by the record of its key that was looked up before.
 *
 * mailauth follows ARC, and every signature that is there: so nothing of these is left in the mail that it gets, and the line ends are those
 * of SMTP. It gets the mail piece by piece, so that no other copy of it is made.
 */
import { Readable } from 'node:stream';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import type { SignatureCheck, SignatureQuestion } from '#pipeline/read/mail-opener.ts';
import { canonicalDomain } from '#tlsrpt/domain-name.ts';
import { splitMail } from './mail-header.ts';
import type { SplitMail } from './mail-header.ts';

type Question = Omit<SignatureQuestion, 'mail'>;
/** What its thread is asked. */
export interface SignedMail {
  readonly mail: Uint8Array;
  readonly question: Question;
}
/** What it gives beside what it declares. */
type Result = Awaited<ReturnType<typeof dkimVerify>>['results'][number] & {
  readonly signingHeaders?: { readonly keys?: string };
  readonly canonBodyLengthLimited?: boolean;
};

export async function checkSignature(mail: Uint8Array, question: Question): Promise<SignatureCheck> {
  const split = splitMail(mail);
  if (split === undefined) return { kind: 'wrong', why: 'its header cannot be relied on' };
  const { results } = await dkimVerify(Readable.from(withOneSignature(split, question.signature)), {
    resolver: () => Promise.resolve([[question.keyRecord]]),
    curTime: new Date(question.nowMs),
  });
  const [result] = results as Result[];
  return result === undefined ? { kind: 'wrong', why: 'there is no such signature' } : checkOf(result, question);
}

function checkOf(result: Result, { domain, selector }: Question): SignatureCheck {
  const { status, signingHeaders, canonBodyLengthLimited } = result;
  const isAsked = canonicalDomain(result.signingDomain) === domain && result.selector?.toLowerCase() === selector;
  const signed = (signingHeaders?.keys ?? '').split(':').map((name) => name.trim().toLowerCase());
  if (!isAsked || canonBodyLengthLimited === true || !signed.includes('from'))
    return { kind: 'wrong', why: 'the signature is not what it seems to be' };
  if (status.result === 'pass') return { kind: 'right' };
  if (status.comment === 'expired') return { kind: 'expired' };
  return { kind: 'wrong', why: reasons.get(status.comment ?? '') ?? 'the signature or its key is unusable' };
}

/** What mailauth says, in words of ours. */
const reasons: ReadonlyMap<string, string> = new Map([
  ['bad signature', 'the signature does not fit the header'],
  ['body hash did not verify', 'the signature does not fit the body'],
  ['invalid public key', 'the key in DNS is unusable'],
  ['unknown key type', 'the key in DNS is of another kind'],
]);

const PIECE_BYTES = 65_536;

/** `signature` counts the fields DKIM-Signature from the top. */
function* withOneSignature({ fields, body }: SplitMail, signature: number): Generator<Buffer> {
  const signatures = fields.filter(({ name }) => name === 'dkim-signature');
  const kept = fields.filter(
    (field) => !field.name.startsWith('arc-') && (field.name !== 'dkim-signature' || field === signatures[signature]),
  );
  const header = kept.map(({ raw }) => `${raw}\r\n`).join('');
  yield withCrlf(Buffer.from(`${header}\r\n`, 'latin1'));
  for (let at = 0; at < body.length;) {
    const end = at + PIECE_BYTES;
    const isWithinLineEnd = body[end - 1] === CARRIAGE_RETURN;
    yield withCrlf(Buffer.from(body.subarray(at, isWithinLineEnd ? end + 1 : end)));
    at = isWithinLineEnd ? end + 1 : end;
  }
}

const CARRIAGE_RETURN = 0x0d;

function withCrlf(text: Buffer): Buffer {
  const mended = text.toString('latin1').replace(/\r?\n/g, '\r\n');
  return mended.length === text.length ? text : Buffer.from(mended, 'latin1');
}

/**
 * Takes a mail apart with postal-mime, on a thread of its own (mail-thread.ts): MIME, transfer encodings, RFC 2231 file names, RFC 2047 words.
 *
 * Forwarded mails are taken apart as mails of their own, to a depth. Of the parts those are given on that may be a report, by their first
 * bytes or their label.
 */
import PostalMime from 'postal-mime';
import type { Attachment, Email } from 'postal-mime';
import type { MailContent, MailPart, OpenedMail } from '#pipeline/read/mail-opener.ts';
import { senderClaimsOf } from './sender-claims.ts';

/** As lines that begin like a boundary; a patch in a mail has such lines, too. */
const MOST_BOUNDARIES = 10_000;
const MOST_PARTS = 1_000;
const MOST_MAILS = 1_000;
const DEEPEST_FORWARDED = 4;
const options = { forceRfc822Attachments: true, maxNestingDepth: 30, maxHeadersSize: 1_048_576 };
/** Of gzip, zlib, zip, UTF-16 and JSON behind blanks; the NUL is of UTF-16. */
const BEGINNING = /^(?:\x1f\x8b|x[\x01\x5e\x9c\xda]|PK|\xff\xfe|\xfe\xff|[\xef\xbb\xbf\0\s]*[[{])/;
const LABEL = /^application\/(?:tlsrpt|json|gzip|x-gzip|zlib)/;

export async function takeMailApart(bytes: Uint8Array): Promise<OpenedMail> {
  if (boundariesIn(bytes) > MOST_BOUNDARIES) return { kind: 'unreadable', code: 'too-complex' };
  try {
    const { mails, isWhole } = await mailsIn(bytes);
    return { kind: 'opened', mails: mails.map(({ content }) => content), isWhole };
  } catch (error) {
    if (error instanceof Error) return { kind: 'unreadable', code: 'bad-mail' }; // postal-mime's limits, and what it cannot cope with
    throw error;
  }
}

/** The bytes of one of the mails that `takeMailApart` finds, by its place; 0 is the mail itself. */
export async function mailWithin(bytes: Uint8Array, index: number): Promise<Uint8Array | undefined> {
  return index === 0 ? bytes : (await mailsIn(bytes)).mails[index]?.bytes;
}

interface FoundMail {
  readonly bytes: Uint8Array;
  readonly content: MailContent;
}

async function mailsIn(bytes: Uint8Array): Promise<{ mails: readonly FoundMail[]; isWhole: boolean }> {
  const mails: FoundMail[] = [];
  const isWhole = await take(bytes, 0, mails);
  return { mails, isWhole };
}

/** False for one with more in it than is taken apart. */
async function take(bytes: Uint8Array, depth: number, mails: FoundMail[]): Promise<boolean> {
  const email = await PostalMime.parse(bytes, options);
  const forwarded = email.attachments.filter(({ mimeType }) => mimeType === 'message/rfc822');
  const content = { headers: headersOf(email), parts: partsOf(email), sender: senderClaimsOf(bytes) };
  mails.push({ bytes, content });
  if (depth >= DEEPEST_FORWARDED) return forwarded.length === 0;
  let isWhole = email.attachments.length <= MOST_PARTS;
  for (const mail of forwarded) {
    if (mails.length >= MOST_MAILS) return false;
    if (!(await take(bytesOf(mail), depth + 1, mails))) isWhole = false;
  }
  return isWhole;
}

function headersOf({ headers }: Email): ReadonlyMap<string, string> {
  return new Map([...headers].reverse().map(({ key, value }) => [key, value]));
}

function partsOf({ attachments, text = '' }: Email): MailPart[] {
  const parts = attachments.slice(0, MOST_PARTS).map((attachment) => ({
    mediaType: attachment.mimeType.toLowerCase(),
    fileName: attachment.filename ?? '',
    bytes: bytesOf(attachment),
  }));
  const inText = { mediaType: 'text/plain', fileName: '', bytes: Buffer.from(text) };
  return [...parts, ...(text.trimStart().startsWith('{') ? [inText] : [])].filter(mayBeReport);
}

function mayBeReport({ mediaType, bytes }: MailPart): boolean {
  return LABEL.test(mediaType) || BEGINNING.test(Buffer.from(bytes.subarray(0, 200)).toString('latin1'));
}

function bytesOf({ content }: Attachment): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content);
}

function boundariesIn(bytes: Uint8Array): number {
  const mail = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  let count = 0;
  for (let at = mail.indexOf('\n--'); at >= 0 && count <= MOST_BOUNDARIES; at = mail.indexOf('\n--', at + 1))
    count += 1;
  return count;
}

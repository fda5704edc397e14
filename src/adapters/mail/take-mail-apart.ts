/**
 * Takes a mail apart: finds the parts that may be a report, by their first bytes or their label, and the mails that are forwarded in it.
 *
 * A part is decoded when it is asked for and not kept, so what a mail costs is a pass over its bytes for each level of forwarding.
 */
import type { MailContent, MailPart, OpenedMail } from '#pipeline/read/mail-opener.ts';
import { deliveryNoticeIn } from './delivery-notice.ts';
import { mimeLeavesIn } from './mime-leaves.ts';
import type { MimeLeaf } from './mime-leaves.ts';
import { senderClaimsOf } from './sender-claims.ts';
import { unflowed, withoutTransferEncoding } from './transfer-encoding.ts';

const MOST_MAILS = 1_000;
const DEEPEST_FORWARDED = 10;
/** Of mails that are forwarded in base64, which have to be decoded, together. */
const MAX_DECODED_BYTES = 16_777_216;
/** Enough to see what it is, when it is decoded. */
const BEGINNING_BYTES = 600;
/** Of gzip, zlib, zip, UTF-16 and JSON behind blanks; the NUL is of UTF-16. */
const BEGINNING = /^(?:\x1f\x8b|x[\x01\x5e\x9c\xda]|PK|\xff\xfe|\xfe\xff|[\xef\xbb\xbf\0\s]*[[{])/;
/** In a text words may stand in brackets. */
const BEGINNING_OF_TEXT = /^[\xfe\xff\xef\xbb\xbf\0\s]*(?:\{|\[[\0\s]*[[{])/;
const LABEL = /^application\/(?:tlsrpt|(?:x-)?g(?:un)?zip|json|zlib)/;
const IN_TEXT = '"policies"';

export function takeMailApart(bytes: Uint8Array): OpenedMail {
  const mails = new MailsWithin(bytes);
  const isReadable = mails.take(asBuffer(bytes), 0);
  if (!isReadable) return { kind: 'unreadable', code: 'bad-mail' };
  return { kind: 'opened', mails: mails.found.map(({ content }) => content), isWhole: mails.isWhole };
}

/** The bytes of one of the mails that `takeMailApart` finds, by its place; 0 is the mail itself. */
export function mailWithin(bytes: Uint8Array, index: number): Uint8Array | undefined {
  if (index === 0) return bytes;
  const mails = new MailsWithin(bytes);
  mails.take(asBuffer(bytes), 0);
  return mails.found[index]?.bytes;
}

class MailsWithin {
  readonly found: { readonly bytes: Buffer; readonly content: MailContent }[] = [];
  isWhole = true;
  #decodedBytes = 0;
  readonly #whole: ArrayBufferLike;

  constructor({ buffer }: Uint8Array) {
    this.#whole = buffer;
  }

  /** False for one that cannot be taken apart. */
  take(bytes: Buffer, depth: number): boolean {
    const opened = mimeLeavesIn(bytes);
    if (opened === undefined) return false;
    const { header, leaves } = opened;
    if (!opened.isWhole) this.isWhole = false;
    const parts = leaves.map((leaf) => new FoundPart(bytes, leaf));
    const content = {
      headers: header.fields,
      notice: deliveryNoticeIn(bytes, leaves),
      parts: parts.filter((part) => part.mayBeReport()),
      sender: senderClaimsOf(bytes),
    };
    this.found.push({ bytes, content });
    for (const part of parts) if (part.mediaType === 'message/rfc822') this.#takeForwarded(part, depth + 1);
    return true;
  }

  #takeForwarded(part: FoundPart, depth: number): void {
    const hasRoom = this.found.length < MOST_MAILS && depth <= DEEPEST_FORWARDED;
    const bytes = hasRoom && this.#decodedBytes <= MAX_DECODED_BYTES ? part.bytes : undefined;
    if (bytes !== undefined && bytes.buffer !== this.#whole) this.#decodedBytes += bytes.length;
    if (bytes === undefined || !this.take(bytes, depth)) this.isWhole = false;
  }
}

class FoundPart implements MailPart {
  readonly mediaType: string;
  readonly fileName: string;
  readonly alternative: number | undefined;
  readonly #mail: Buffer;
  readonly #leaf: MimeLeaf;

  constructor(mail: Buffer, leaf: MimeLeaf) {
    this.#mail = mail;
    this.#leaf = leaf;
    this.mediaType = leaf.header.mediaType || 'text/plain'; // RFC 2045 5.2
    this.fileName = leaf.header.fileName;
    this.alternative = leaf.alternative;
  }

  get bytes(): Buffer {
    const { start, end } = this.#leaf;
    const bytes = this.#decoded(this.#mail.subarray(start, end));
    return this.#isText() ? this.#jsonIn(bytes) : bytes;
  }

  mayBeReport(): boolean {
    if (!this.#isText()) return LABEL.test(this.mediaType) || BEGINNING.test(textOf(this.#beginning()));
    return beginsAsJson(this.#beginning()) || this.#hasReportInText();
  }

  /** Words may stand before a report that is in a text; only base64 hides it. */
  #hasReportInText(): boolean {
    const { start, end } = this.#leaf;
    const content = this.#mail.subarray(start, end);
    return (this.#leaf.header.encoding === 'base64' ? this.#decoded(content) : content).includes(IN_TEXT);
  }

  /** What decides whether it may be a report. */
  #beginning(): Buffer {
    const { start, end } = this.#leaf;
    return this.#decoded(this.#mail.subarray(start, Math.min(end, start + BEGINNING_BYTES)));
  }

  #isText(): boolean {
    return this.mediaType === 'text/plain';
  }

  #decoded(content: Buffer): Buffer {
    const { encoding, parameters } = this.#leaf.header;
    const decoded = withoutTransferEncoding(content, encoding);
    const isFlowed = this.#isText() && parameters['format']?.toLowerCase() === 'flowed';
    return isFlowed ? unflowed(decoded, parameters['delsp']?.toLowerCase() === 'yes') : decoded;
  }

  #jsonIn(text: Buffer): Buffer {
    const place = beginsAsJson(text) ? -1 : text.indexOf(IN_TEXT);
    const lines = ['\n{', '\n['].map((line) => text.subarray(0, Math.max(place, 0)).indexOf(line));
    const found = lines.filter((at) => at >= 0);
    return found.length === 0 ? text : text.subarray(Math.min(...found) + 1);
  }
}

function beginsAsJson(bytes: Buffer): boolean {
  return BEGINNING_OF_TEXT.test(textOf(bytes));
}

function textOf(bytes: Buffer): string {
  return bytes.toString('latin1', 0, BEGINNING_BYTES);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

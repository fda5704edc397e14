/**
 * Finds what in a mail tells what became of another one: the parts of a delivery status notification (RFC 3464 2), wherever they are in it, or
 * the text of a bounce that has none. How it is labelled as a whole does not matter.
 */
import type { DeliveryNotice } from '#tlsrpt/bounce.ts';
import { FAILED_RECIPIENTS, QSBMF } from '#tlsrpt/plain-bounce.ts';
import type { MimeLeaf } from './mime-leaves.ts';
import { withoutTransferEncoding } from './transfer-encoding.ts';

/** RFC 3464 2.1, RFC 6533 3 */
const STATUS = /^message\/(?:global-)?delivery-status$/;
/** RFC 3462 2, RFC 2046 5.2.1, RFC 6533 6 */
const RETURNED = /^(?:text\/rfc822-headers|message\/(?:rfc822|global|rfc822-headers|global-headers))$/;
const TEXT = /^(?:text\/plain)?$/;
/** Of each part. */
const MAX_BYTES = 65_536;
/** As much as shows that it is one. */
const BEGINNING_BYTES = 200;
const HEADER_END = /\r?\n[ \t]*\r?\n/;

/** Undefined for a mail that is none. */
export function deliveryNoticeIn(mail: Buffer, leaves: readonly MimeLeaf[]): DeliveryNotice | undefined {
  const leafOf = (mediaType: RegExp): MimeLeaf | undefined =>
    leaves.find((leaf) => mediaType.test(leaf.header.mediaType));
  const [status, text] = [leafOf(STATUS), leafOf(TEXT)];
  if (!status && !isPlainBounce(mail, text)) return undefined;
  return {
    header: headerOf(mail.toString('utf8', 0, MAX_BYTES)),
    status: status && textOf(mail, status),
    text: status ? '' : textOf(mail, text),
    returned: headerOf(textOf(mail, leafOf(RETURNED)).trimStart()),
  };
}

function isPlainBounce(mail: Buffer, text: MimeLeaf | undefined): boolean {
  const header = text && mail.toString('latin1', 0, Math.min(text.start, MAX_BYTES));
  return header !== undefined && (FAILED_RECIPIENTS.test(header) || QSBMF.test(textOf(mail, text, BEGINNING_BYTES)));
}

function textOf(mail: Buffer, leaf: MimeLeaf | undefined, maxBytes = MAX_BYTES): string {
  if (!leaf) return '';
  const content = mail.subarray(leaf.start, Math.min(leaf.end, leaf.start + maxBytes));
  return withoutTransferEncoding(content, leaf.header.encoding).toString('utf8');
}

function headerOf(text: string): string {
  return text.split(HEADER_END, 1)[0] ?? '';
}

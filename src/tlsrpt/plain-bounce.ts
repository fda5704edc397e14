/**
 * Bounces that have no part for programs: those of qmail, in the format that it has for them (QSBMF), and those of Exim and others that name in
 * their header who did not get the mail.
 */
import { statusIn } from './delivery-status.ts';
import type { RecipientStatus } from './delivery-status.ts';

/** The first paragraph of QSBMF. */
export const QSBMF = /^\s*Hi\. This is the /;
export const FAILED_RECIPIENTS = /^X-Failed-Recipients[ \t]*:((?:[^\n]|\n[ \t])*)/im;

const MOST_PARAGRAPHS = 200;
const MOST_NAMED = 20;
const RECIPIENT = /^<([^\s<>]+@[^\s<>]+)>:\s*/;
/** Of qmail: not the receiver's word, but the end of what it tried. */
const TRIED_FOR_TOO_LONG = /in the queue too long/i;
const DELIVERY_TIME_EXPIRED = '4.4.7'; // RFC 3463 3.5
/** A reply of SMTP without an enhanced code. */
const REFUSAL = /(?:^|[\s:])5\d\d[ -]/;
/** RFC 3463 2: some other status, for good. */
const REFUSED = '5.0.0';
/** Of what stands behind an address. */
const WORDS_LENGTH = 1_000;

export function readPlainBounce(header: string, text: string): RecipientStatus[] {
  if (QSBMF.test(text)) return readQsbmf(text);
  const [, named = ''] = FAILED_RECIPIENTS.exec(header) ?? [];
  return named
    .split(',', MOST_NAMED)
    .map((mailbox) => mailbox.trim().toLowerCase())
    .filter((mailbox) => mailbox.includes('@'))
    .map((mailbox) => failed(mailbox, wordsBehind(mailbox, text)));
}

/** A paragraph for each recipient, and then one that begins with a dash, behind which stands the mail. */
function readQsbmf(text: string): RecipientStatus[] {
  const paragraphs = text.trim().split(/\r?\n(?:[ \t]*\r?\n)+/, MOST_PARAGRAPHS);
  const end = paragraphs.findIndex((paragraph) => paragraph.startsWith('-'));
  return paragraphs.slice(0, end < 0 ? paragraphs.length : end).flatMap((paragraph) => {
    const [beginning, mailbox] = RECIPIENT.exec(paragraph) ?? [];
    return beginning === undefined || mailbox === undefined
      ? []
      : [failed(mailbox.toLowerCase(), paragraph.slice(beginning.length))];
  });
}

function failed(mailbox: string, words: string): RecipientStatus {
  return { action: 'failed', status: statusOf(words), words, mailboxes: [mailbox] };
}

function statusOf(words: string): string | undefined {
  if (TRIED_FOR_TOO_LONG.test(words)) return DELIVERY_TIME_EXPIRED;
  return statusIn(words) ?? (REFUSAL.test(words) ? REFUSED : undefined);
}

/** Up to the line behind which the mail stands. */
function wordsBehind(mailbox: string, text: string): string {
  const place = text.toLowerCase().indexOf(mailbox);
  const words = place < 0 ? '' : text.slice(place + mailbox.length, place + mailbox.length + WORDS_LENGTH);
  return words.split(/\r?\n-{3,}/, 1)[0]?.replace(/^[>:\s]+/, '') ?? '';
}

/**
 * What an HTTP answer means for a delivery (RFC 8460 5.4: any 2xx is success; which others to try again is the sender's choice).
 *
 * The reply quotes the server: its status line and the beginning of what it wrote.
 */
import type { DeliveryOutcome } from '#pipeline/send/report-transport.ts';
import { cleanText } from '#tlsrpt/clean-text.ts';
import { readRetryAfter } from './retry-after.ts';

/** One answer, its body cut at what the transport is willing to read. */
export interface HttpAnswer {
  readonly kind: 'answered';
  readonly status: number;
  readonly statusText: string;
  readonly body: string;
  readonly location: string | null;
  readonly retryAfter: string | null;
  readonly date: string | null;
}

const MAX_QUOTED_LENGTH = 200;
const MAX_STATUS_TEXT_LENGTH = 80;
/** Request Timeout, Too Early, Too Many Requests. */
const TEMPORARY_STATUSES = new Set([408, 425, 429]);

export function httpOutcome(answer: HttpAnswer): DeliveryOutcome {
  const reply = quoteAnswer(answer);
  // RFC 8460 5.4
  if (answer.status >= 200 && answer.status <= 299) return { kind: 'delivered', reply };
  if (!isTemporary(answer.status)) return { kind: 'refused', reply };
  const retryAfterMs = readRetryAfter(answer.retryAfter, answer.date);
  return retryAfterMs === undefined ? { kind: 'deferred', reply } : { kind: 'deferred', reply, retryAfterMs };
}

function isTemporary(status: number): boolean {
  return status >= 500 || TEMPORARY_STATUSES.has(status);
}

/** `HTTP 429 Too Many Requests: slow down`; `words` stand in for the body where we have more to say than the server. */
export function quoteAnswer(answer: HttpAnswer, words = answer.body): string {
  const statusLine = `HTTP ${String(answer.status)} ${cleanText(answer.statusText, MAX_STATUS_TEXT_LENGTH)}`.trim();
  const quoted = cleanText(words.replace(/\s+/g, ' '), MAX_QUOTED_LENGTH);
  return quoted === '' ? statusLine : `${statusLine}: ${quoted}`;
}

/**
 * Words for what keeps a request from being answered: no name, no connection, no valid certificate, no time.
 *
 * All of it may pass, so all of it defers the delivery (RFC 8460 5.5 has the sender try for a day).
 */
import type { DeliveryOutcome } from '#pipeline/send/report-transport.ts';
import { cleanText } from '#tlsrpt/clean-text.ts';

const MAX_REPLY_LENGTH = 300;
/** node-fetch puts the URL, which the reply need not repeat, before the reason. */
const BEFORE_REASON = /^request to \S* failed, reason: /;

/** `endpoint` is HOST or HOST:PORT; an aborted `signal` says that the time of the attempt was used up. */
export function networkTrouble(endpoint: string, error: unknown, signal: AbortSignal): DeliveryOutcome {
  const words = signal.aborted ? 'no answer in time (ETIMEDOUT)' : describeError(error);
  return { kind: 'deferred', reply: cleanText(`${endpoint}: ${words}`, MAX_REPLY_LENGTH) };
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return 'failed for an unknown reason';
  const reason = error.message.replace(BEFORE_REASON, '').trim();
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === '' || reason.includes(code)) return reason;
  // An error that stands for several failed addresses has a code only.
  return reason === '' ? code : `${reason} (${code})`;
}

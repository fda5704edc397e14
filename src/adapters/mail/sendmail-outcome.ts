/**
 * Reads how a sendmail command ended (sysexits.h).
 */
import type { DeliveryOutcome } from '#pipeline/send/report-transport.ts';
import { cleanText } from '#tlsrpt/clean-text.ts';

export type SendmailEnd =
  /** `code` is null when a signal ended it. */
  | { readonly kind: 'exited'; readonly code: number | null; readonly stderr: string }
  | { readonly kind: 'not-started'; readonly why: string }
  | { readonly kind: 'timed-out' };

/** EX_USAGE, EX_DATAERR, EX_NOUSER, EX_NOHOST: the same again would end the same. All others, EX_TEMPFAIL among them, may pass. */
const FINAL_CODES = [64, 65, 67, 68];
const MAX_COMPLAINT_LENGTH = 200;

export function sendmailOutcome(path: string, end: SendmailEnd): DeliveryOutcome {
  switch (end.kind) {
    case 'timed-out':
      return { kind: 'deferred', reply: `${path} did not end in time` };
    case 'not-started':
      return { kind: 'deferred', reply: withComplaint(`${path} cannot be run`, end.why), isOurs: true };
    case 'exited':
      return exitOutcome(path, end.code, end.stderr);
  }
}

function exitOutcome(path: string, code: number | null, stderr: string): DeliveryOutcome {
  if (code === 0) return { kind: 'delivered', reply: `handed to ${path}` };
  const ending = code === null ? 'was killed' : `ended with ${String(code)}`;
  const kind = code !== null && FINAL_CODES.includes(code) ? 'refused' : 'deferred';
  return { kind, reply: withComplaint(`${path} ${ending}`, stderr) };
}

function withComplaint(text: string, foreign: string): string {
  const complaint = cleanText(foreign, MAX_COMPLAINT_LENGTH);
  return complaint === '' ? text : `${text}: ${complaint}`;
}

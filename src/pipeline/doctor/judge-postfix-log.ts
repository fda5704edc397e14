/**
 * Whether Postfix says that it could not report what it saw.
 */
import { cleanText } from '#tlsrpt/clean-text.ts';
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';

const { ok, warning } = findingsOf('postfix-log');
const MAX_LENGTH = 300;

/** Lines of its log of the last day, the newest last. */
export function judgePostfixLog(complaints: readonly string[]): Finding[] {
  const last = complaints.at(-1);
  if (last === undefined) return [ok('Postfix has not complained for a day.')];
  return [
    warning(
      `In the last day Postfix could not report ${String(complaints.length)} times, at last: ${cleanText(last, MAX_LENGTH)}`,
      'mend what else is found here; what is logged from before counts for a day',
    ),
  ];
}

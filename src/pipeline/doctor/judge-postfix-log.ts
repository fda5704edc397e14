/**
 * Whether Postfix says that it could not report what it saw.
 */
import { cleanText } from '#tlsrpt/clean-text.ts';
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';

/** What was found of its log of the last day. */
export interface PostfixLog {
  /** The lines in which it says so, the newest last. */
  readonly complaints: readonly string[];
  /** Why not all of it was read; undefined when it was. */
  readonly unread: Unread | undefined;
}

export interface Unread {
  readonly why: string;
  /** True when it is not on this host, or not kept: nothing is wrong with that. */
  readonly isElsewhere: boolean;
}

const { ok, warning } = findingsOf('postfix-log');
const MAX_LENGTH = 300;

export function judgePostfixLog({ complaints, unread }: PostfixLog): Finding[] {
  const last = complaints.at(-1);
  if (last !== undefined) return [complaining(complaints.length, last)];
  if (unread !== undefined) return [notRead(unread)];
  return [ok('Postfix has not complained for a day.')];
}

function complaining(count: number, last: string): Finding {
  return warning(
    `In the last day Postfix could not report ${String(count)} times, at last: ${cleanText(last, MAX_LENGTH)}`,
    'mend what else is found here; what is logged from before counts for a day',
  );
}

function notRead({ why, isElsewhere }: Unread): Finding {
  if (isElsewhere) return ok(`What Postfix logs is not here to be looked at: ${cleanText(why, MAX_LENGTH)}`);
  return warning(
    `It is not known whether Postfix has complained: ${cleanText(why, MAX_LENGTH)}`,
    'run this as root, or look for "Could not report" in the log of Postfix',
  );
}

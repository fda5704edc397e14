/**
 * The text of a policy, line by line.
 *
 * An MTA-STS policy is reported as it was published, errors included: blank lines, tabs and the blanks around a line are part of it
 * (RFC 8460 4.5). Only the blank lines that cutting at line ends leaves behind the last one are not. A TLSA record is written anew.
 */
import { cleanLine } from './clean-text.ts';
import { cleanTextOf, listOf } from './foreign-field.ts';
import type { PolicyType } from './policy-type.ts';
import type { Policy } from './session.ts';

/** Out of a list in foreign JSON; what is no text in it is left out. No line is longer than `maxLength`. */
export function readPolicyLines(value: unknown, type: PolicyType, maxLength: number): readonly string[] {
  if (type === 'tlsa') return listOf(value, (record) => cleanTextOf(record, maxLength));
  return withoutBlankEnd(listOf(value, (line) => readLine(line, maxLength)));
}

/** RFC 8461 3.2: a line ends in LF or CRLF, so who cut it at LF may have left the CR. */
function readLine(value: unknown, maxLength: number): string | undefined {
  if (typeof value !== 'string') return undefined;
  return cleanLine(value.endsWith('\r') ? value.slice(0, -1) : value, maxLength);
}

export function withoutBlankEnd(lines: readonly string[]): readonly string[] {
  return lines.slice(0, lines.findLastIndex((line) => line.trim() !== '') + 1);
}

/** RFC 8461 5: as if the domain had no policy; 3.2: the first of several modes counts. */
export function isModeNone({ type, strings }: Policy): boolean {
  return type === 'sts' && MODE_NONE.test(strings.find((line) => MODE.test(line)) ?? '');
}

const MODE = /^[ \t]*mode[ \t]*:/;
const MODE_NONE = /^[ \t]*mode[ \t]*:[ \t]*none[ \t]*$/;

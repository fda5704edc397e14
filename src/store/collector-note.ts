/**
 * What a collector lets whoever looks at it know, in the note of its lock: what keeps it from writing or from adding up, what came that is no
 * session, and when something came.
 *
 * Words with blanks between them. A reader passes over those that it does not know.
 */
import type { ProblemCode } from '#support/problem-code.ts';
import { isStoreProblemCode } from './store-problem.ts';

export interface CollectorTrouble {
  readonly code: ProblemCode;
  /** When it began, by the clock. */
  readonly sinceMs: number;
}

export interface CollectorNote {
  /** What keeps it from writing what comes. Undefined when nothing is wrong. */
  readonly trouble?: CollectorTrouble | undefined;
  /** What keeps it from adding up what it has written, to the second. */
  readonly tallyTrouble?: CollectorTrouble | undefined;
  /** The marks of the test datagrams that came last, the newest last; at most `MOST_NOTED` (tlsrpt/probe.ts). */
  readonly probes?: readonly string[] | undefined;
  /** When a datagram of another version of the protocol last came. */
  readonly otherVersionMs?: number | undefined;
  /** When something last came, to the minute. */
  readonly lastDatagramMs?: number | undefined;
}

const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
const TROUBLE = new RegExp(`^([a-z-]+) (${TIME})(?: |$)`);
const PROBES = /(?:^| )probe=([0-9a-f]+(?:,[0-9a-f]+)*)(?: |$)/;
const OTHER_VERSION = new RegExp(`(?:^| )other-version=(${TIME})(?: |$)`);
/** In seconds, with the base 36: there is little room. */
const LAST = /(?:^| )last=([0-9a-z]{1,8})(?: |$)/;
const TALLY = /(?:^| )tally=([a-z-]+),([0-9a-z]{1,8})(?: |$)/;

/** Empty when there is nothing to know. */
export function formatNote({ trouble, tallyTrouble, probes, otherVersionMs, lastDatagramMs }: CollectorNote): string {
  return [
    ...(trouble ? [trouble.code, timeText(trouble.sinceMs)] : []),
    ...(probes === undefined ? [] : [`probe=${probes.join(',')}`]),
    ...(otherVersionMs === undefined ? [] : [`other-version=${timeText(otherVersionMs)}`]),
    ...(lastDatagramMs === undefined ? [] : [`last=${shortTime(lastDatagramMs)}`]),
    ...(tallyTrouble ? [`tally=${tallyTrouble.code},${shortTime(tallyTrouble.sinceMs)}`] : []),
  ].join(' ');
}

export function parseNote(note: string): CollectorNote {
  const [, probes] = PROBES.exec(note) ?? [];
  const [, otherVersion = ''] = OTHER_VERSION.exec(note) ?? [];
  const [, last] = LAST.exec(note) ?? [];
  const lastDatagramMs = last === undefined ? undefined : timeInShort(last);
  const troubles = { trouble: parseTrouble(note), tallyTrouble: parseTallyTrouble(note) };
  return { ...troubles, probes: probes?.split(','), otherVersionMs: timeIn(otherVersion), lastDatagramMs };
}

/** Undefined for what names no problem of the store. */
function parseTrouble(note: string): CollectorTrouble | undefined {
  const [, code = '', since = ''] = TROUBLE.exec(note) ?? [];
  const sinceMs = timeIn(since);
  return isStoreProblemCode(code) && sinceMs !== undefined ? { code, sinceMs } : undefined;
}

function parseTallyTrouble(note: string): CollectorTrouble | undefined {
  const [, code = '', since = ''] = TALLY.exec(note) ?? [];
  return isStoreProblemCode(code) ? { code, sinceMs: timeInShort(since) } : undefined;
}

function shortTime(ms: number): string {
  return Math.floor(ms / 1_000).toString(36);
}

function timeInShort(text: string): number {
  return parseInt(text, 36) * 1_000;
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}

function timeIn(text: string): number | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

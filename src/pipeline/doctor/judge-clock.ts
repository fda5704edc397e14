/**
 * Whether the clock of this machine can be right: the root zone was signed before now and for longer than now (RFC 4034 3.1.5), and nothing was
 * noted later than now. A clock that is less wrong than that goes unnoticed.
 */
import { handlingOf } from './collector-handling.ts';
import { findingsOf } from './finding.ts';
import type { Finding } from './finding.ts';

/** For which time a signature is good, in milliseconds since the epoch. */
export interface SignedTime {
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface ClockFacts {
  readonly nowMs: number;
  /** Of the root zone, as far as name servers give the signatures. */
  readonly signed: readonly SignedTime[];
  /** When something was noted last here, by this clock; undefined when nothing was. */
  readonly lastNotedMs: number | undefined;
  /** Whether systemd runs here, and knows tlsrpt.service. */
  readonly hasUnit: boolean;
}

const { ok, warning, broken } = findingsOf('clock');
/** What is noted while we look. */
const AHEAD_MS = 60_000;

export function judgeClock({ nowMs, signed, lastNotedMs, hasUnit }: ClockFacts): Finding {
  const wrong = signed.find(({ fromMs, untilMs }) => nowMs < fromMs || nowMs > untilMs);
  if (wrong)
    return broken(
      `The clock says ${timeText(nowMs)}, and the root zone of DNS is signed from ${timeText(wrong.fromMs)} to ${timeText(wrong.untilMs)}: ` +
        'what comes now is counted for another day, and signatures and certificates count as invalid.',
      fixOf(hasUnit),
    );
  if (lastNotedMs !== undefined && lastNotedMs > nowMs + AHEAD_MS)
    return warning(
      `The clock says ${timeText(nowMs)}, and something ran here at ${timeText(lastNotedMs)}: it was ahead then, or is behind now.`,
      fixOf(hasUnit),
    );
  return ok(
    `The clock says ${timeText(nowMs)}${signed.length > 0 ? ', and the root zone of DNS is signed for that' : ''}.`,
  );
}

function fixOf(hasUnit: boolean): string {
  const set = hasUnit ? 'set the clock (timedatectl set-ntp true, or whatever keeps it here)' : 'set the clock';
  return `${set}, then ${handlingOf(hasUnit).restart}; clock-jumped in docs/operating.md says what becomes of days`;
}

function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

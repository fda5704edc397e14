/**
 * Whether the clock of this machine can be right: the root zone was signed before now and for longer than now (RFC 4034 3.1.5), and nothing was
 * noted later than now. A clock that is less wrong than that goes unnoticed.
 */
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
}

const { ok, warning, broken } = findingsOf('clock');
/** What is noted while we look. */
const AHEAD_MS = 60_000;
const FIX =
  'set the clock (timedatectl set-ntp true, or whatever keeps it here), then systemctl restart tlsrpt.service; clock-jumped in docs/operating.md says what becomes of days';

export function judgeClock({ nowMs, signed, lastNotedMs }: ClockFacts): Finding {
  const wrong = signed.find(({ fromMs, untilMs }) => nowMs < fromMs || nowMs > untilMs);
  if (wrong)
    return broken(
      `The clock says ${timeText(nowMs)}, and the root zone of DNS is signed from ${timeText(wrong.fromMs)} to ${timeText(wrong.untilMs)}: ` +
        'what comes now is counted for another day, and signatures and certificates count as invalid.',
      FIX,
    );
  if (lastNotedMs !== undefined && lastNotedMs > nowMs + AHEAD_MS)
    return warning(
      `The clock says ${timeText(nowMs)}, and something ran here at ${timeText(lastNotedMs)}: it was ahead then, or is behind now.`,
      FIX,
    );
  return ok(
    `The clock says ${timeText(nowMs)}${signed.length > 0 ? ', and the root zone of DNS is signed for that' : ''}.`,
  );
}

function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

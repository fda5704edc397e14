/**
 * `tlsrpt status --live`: the state of every part, how many datagrams come in, and the last days, for as long as somebody looks on.
 *
 * Problems: usage-error where nobody can look on.
 */
import type { Health } from '#pipeline/status/read-health.ts';
import type { DayStatus } from '#pipeline/status/read-status.ts';
import { systemClock } from '#support/clock.ts';
import { usageError } from '#cli/command.ts';
import type { Invocation } from '#cli/command.ts';
import { exitCode } from '#cli/exit-code.ts';
import type { ExitCode } from '#cli/exit-code.ts';
import { DatagramRate } from '#cli/output/datagram-rate.ts';
import { healthText } from '#cli/output/health-text.ts';
import { statusText } from '#cli/output/status-text.ts';
import { showLive } from './live-screen.ts';
import { onStopSignal } from './stop-signal.ts';

export interface SeenStatus {
  readonly health: Health;
  readonly days: readonly DayStatus[];
}

/** What there is room for on a small screen, with what is wrong below. */
const MOST_DAYS = 7;

export async function showLiveStatus(look: () => SeenStatus, invocation: Invocation): Promise<ExitCode> {
  const { print, screenRows: rows, paint } = invocation;
  if (!rows)
    throw usageError('--live needs a terminal. Without one, run tlsrpt status again and again, or see tlsrpt serve.');
  const { stopping, release } = onStopSignal();
  const rate = new DatagramRate();
  const text = (): string => {
    const { health, days } = look();
    rate.note(days, systemClock.steadyMs());
    return `${healthText(health)}${rate.text()}\n\n${statusText({ days: days.slice(-MOST_DAYS), all: false, paint })}`;
  };
  try {
    await showLive(text, { print, rows, clock: systemClock, stopping });
  } finally {
    release();
  }
  return exitCode.done;
}

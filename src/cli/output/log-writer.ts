/**
 * Writes events to stderr as text or JSON, one line each; details follow a text on indented lines of their own.
 *
 * Facts may hold what strangers sent; nothing of it reaches a terminal as a control character. Under systemd the journal adds the
 * time itself.
 */
import { levels } from '#events/event.ts';
import type { Level, Log, LogEvent } from '#events/event.ts';
import type { Clock } from '#support/clock.ts';
import { withoutControls } from '#support/without-controls.ts';

export interface LogWriterOptions {
  readonly level: Level;
  readonly format: 'text' | 'json';
  readonly withTime: boolean;
  /** Which part of `run` says it; undefined for a process that is none. */
  readonly part: string | undefined;
  readonly clock: Clock;
  readonly write: (line: string) => void;
}

/** Indented, so that nothing in it reads as an event. */
const DETAIL = '\n  ';

export function logWriter({ level, format, withTime, part, clock, write }: LogWriterOptions): Log {
  return (event) => {
    if (levels.indexOf(event.level) < levels.indexOf(level)) return;
    const nowMs = clock.nowMs();
    if (format === 'json') write(jsonLine(event, nowMs, part));
    else write(textLine(event, [withTime ? timeText(nowMs) : [], part ?? [], ''].flat().join(' ')));
  };
}

/** `before` is when and by whom it is said, with a blank at its end. */
function textLine({ level, name, message, details = [] }: LogEvent, before: string): string {
  return `${before}${level} ${name}: ${[message, ...details].map(withoutControls).join(DETAIL)}\n`;
}

/** `part` is left out where there is none. */
function jsonLine(
  { level, name, message: first, details = [], facts }: LogEvent,
  nowMs: number,
  part: string | undefined,
): string {
  const time = timeText(nowMs);
  const message = [first, ...details].join(DETAIL);
  // JSON escapes C0 alone; the rest may be escaped in the same way.
  return `${withoutControls(JSON.stringify({ time, level, part, event: name, message, ...facts }))}\n`;
}

function timeText(nowMs: number): string {
  return new Date(nowMs).toISOString();
}

/**
 * Writes events to stderr as text or JSON, one line each; details follow a text on indented lines of their own.
 *
 * Facts may hold what strangers sent; nothing of it reaches a terminal as a control character. Under systemd the journal adds the
 * time itself.
 */
import { levels } from '#events/event.ts';
import type { Level, Log, LogEvent } from '#events/event.ts';
import type { Clock } from '#support/clock.ts';

export interface LogWriterOptions {
  readonly level: Level;
  readonly format: 'text' | 'json';
  readonly withTime: boolean;
  readonly clock: Clock;
  readonly write: (line: string) => void;
}

/** Indented, so that nothing in it reads as an event. */
const DETAIL = '\n  ';

export function logWriter({ level, format, withTime, clock, write }: LogWriterOptions): Log {
  return (event) => {
    if (levels.indexOf(event.level) < levels.indexOf(level)) return;
    const nowMs = clock.nowMs();
    write(format === 'json' ? jsonLine(event, nowMs) : textLine(event, withTime ? `${timeText(nowMs)} ` : ''));
  };
}

/** `time` stands before it. */
function textLine({ level, name, message, details = [] }: LogEvent, time = ''): string {
  return `${time}${level} ${name}: ${[message, ...details].map(withoutControls).join(DETAIL)}\n`;
}

function jsonLine({ level, name, message: first, details = [], facts }: LogEvent, nowMs: number): string {
  const time = timeText(nowMs);
  const message = [first, ...details].join(DETAIL);
  // JSON escapes C0 alone; the rest may be escaped in the same way.
  return `${withoutControls(JSON.stringify({ time, level, event: name, message, ...facts }))}\n`;
}

function timeText(nowMs: number): string {
  return new Date(nowMs).toISOString();
}

/** Also the bidirectional controls, which make a line read as something else than it is. */
export function withoutControls(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function withoutControlsButLines(text: string): string {
  return text.split('\n').map(withoutControls).join('\n');
}

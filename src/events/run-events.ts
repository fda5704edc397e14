/**
 * What run tells, beside what its parts tell themselves.
 */
import { event } from './event.ts';
import type { LogEvent } from './event.ts';

/** How a process ended: by itself, by a signal, or before it was one. */
export type PartEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'not-started'; readonly why: string };

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

/** `minute` is the one of each hour (UTC) at which is reported. */
export function runStarted(minute: number): LogEvent {
  return event(
    'info',
    'run-started',
    `Collecting all the time, sending every five minutes, reporting at minute ${String(minute)} of each hour.`,
    { minute },
  );
}

export function collectorEnded(ending: PartEnd, waitMs: number): LogEvent {
  const seconds = waitMs / SECOND_MS;
  return event(
    'error',
    'collector-ended',
    `The collector ${endingText(ending)}. It is started again in ${String(seconds)} s.`,
    { ...endingFacts(ending), seconds },
  );
}

export function collectorSilent(silentMs: number): LogEvent {
  const seconds = silentMs / SECOND_MS;
  return event(
    'error',
    'collector-silent',
    `The collector has given no sign of life for ${String(seconds)} s. It is killed, and started again.`,
    { seconds },
  );
}

export function serverEnded(ending: PartEnd, waitMs: number): LogEvent {
  return event('error', 'server-ended', endedText('serve', ending, waitMs), endedFacts(ending, waitMs));
}

export function serverSilent(silentMs: number): LogEvent {
  return event('error', 'server-silent', silentText('serve', silentMs), { seconds: silentMs / SECOND_MS });
}

/** Everything else goes on. */
export function serverGivenUp(code: number): LogEvent {
  return event('error', 'server-given-up', givenUpText('serve', code), { code });
}

export function watcherEnded(ending: PartEnd, waitMs: number): LogEvent {
  return event('error', 'watcher-ended', endedText('watch', ending, waitMs), endedFacts(ending, waitMs));
}

export function watcherSilent(silentMs: number): LogEvent {
  return event('error', 'watcher-silent', silentText('watch', silentMs), { seconds: silentMs / SECOND_MS });
}

/** Everything else goes on. */
export function watcherGivenUp(code: number): LogEvent {
  return event('error', 'watcher-given-up', givenUpText('watch', code), { code });
}

export function partFailed(part: string, ending: PartEnd): LogEvent {
  return event('warning', 'part-failed', `${part} ${endingText(ending)}. Its next round tries again.`, {
    command: part,
    ...endingFacts(ending),
  });
}

export function partOverdue(part: string, deadlineMs: number): LogEvent {
  const hours = deadlineMs / HOUR_MS;
  return event(
    'error',
    'part-overdue',
    `${part} has not ended for ${String(hours)} hours. It is ended, and its next round goes on.`,
    { command: part, hours },
  );
}

/** `code` is the one with which the collector ended for good; undefined when a signal came. */
export function runStopping(code: number | undefined): LogEvent {
  if (code === undefined)
    return event('info', 'run-stopping', 'Told to stop: nothing more is begun, and the collector ends last.');
  return event(
    'error',
    'run-stopping',
    `The collector ended with exit code ${String(code)}, which no waiting mends; see what it says above. Everything ends.`,
    { code },
  );
}

export function partsKilled(): LogEvent {
  return event(
    'warning',
    'parts-killed',
    'Not everything ended in time, so it is killed. The next run goes on; a report that was being transmitted may arrive twice.',
  );
}

function endedText(part: string, ending: PartEnd, waitMs: number): string {
  return `${part} ${endingText(ending)}. It is started again in ${String(waitMs / SECOND_MS)} s.`;
}

function endedFacts(ending: PartEnd, waitMs: number): Record<string, string | number> {
  return { ...endingFacts(ending), seconds: waitMs / SECOND_MS };
}

function silentText(part: string, silentMs: number): string {
  return `${part} has given no sign of life for ${String(silentMs / SECOND_MS)} s. It is killed, and started again.`;
}

function givenUpText(part: string, code: number): string {
  return `${part} ended with exit code ${String(code)}, which no waiting mends; see what it says above. It is not started again, and all else goes on.`;
}

function endingText(ending: PartEnd): string {
  switch (ending.kind) {
    case 'exited':
      return `ended with exit code ${String(ending.code)}`;
    case 'killed':
      return `was ended by ${ending.signal}`;
    case 'not-started':
      return `could not be started: ${ending.why}`;
  }
}

function endingFacts(ending: PartEnd): Record<string, string | number> {
  switch (ending.kind) {
    case 'exited':
      return { exitCode: ending.code };
    case 'killed':
      return { signal: ending.signal };
    case 'not-started':
      return { why: ending.why };
  }
}

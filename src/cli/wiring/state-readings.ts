/**
 * Reads the state directory for who asks over HTTP: each reading is a process of its own, with a deadline, so the server answers whatever the
 * state directory holds, and gives back the memory that it takes.
 */
import { ownOutput } from '#adapters/process/own-output.ts';
import { stateNotRead } from '#events/serve-events.ts';
import { systemClock } from '#support/clock.ts';
import { ownCommand } from '#support/single-executable.ts';
import { SharedReading } from '#web/shared-reading.ts';
import type { StateReadings } from '#web/state-routes.ts';
import type { Invocation } from '#cli/command.ts';
import { settingVariables } from '#cli/arguments/setting-variables.ts';

const DEADLINE_MS = 60_000;

export function stateReadings(
  { environment, given, log }: Pick<Invocation, 'environment' | 'given' | 'log'>,
  stopping: AbortSignal,
): StateReadings {
  const options = {
    command: ownCommand(),
    environment: { ...environment, ...settingVariables(given) },
    deadlineMs: DEADLINE_MS,
    stopping,
  };
  const sharedReading = (words: readonly string[]): SharedReading => {
    let isTold = false;
    return new SharedReading({
      ...systemClock,
      read: async () => {
        const output = await ownOutput(words, options);
        if (output.kind === 'failed' && !isTold && !stopping.aborted) log(stateNotRead(output.why));
        isTold = output.kind === 'failed';
        return output;
      },
    });
  };
  const metrics = sharedReading(['status', '--prometheus', '-']);
  const health = sharedReading(['status', '--health', '--json']);
  return { metrics: () => metrics.ask(), health: () => health.ask() };
}

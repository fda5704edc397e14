/**
 * Shows on a terminal how far each source has come, one bar for each; without a terminal nothing is shown.
 *
 * What is logged meanwhile is held back until the bars are done, so that the two do not write over each other.
 */
import type { Log, LogEvent } from '#events/event.ts';
import type { FetchWatch } from '#pipeline/fetch/fetch-day.ts';
import { withoutControls } from '#support/without-controls.ts';
import type { Invocation } from '#cli/command.ts';

export interface Shown {
  readonly log: Log;
  readonly watch?: FetchWatch;
}

export async function withFetchBars<T>(
  { terminal, log }: Pick<Invocation, 'terminal' | 'log'>,
  fetch: (shown: Shown) => Promise<T>,
): Promise<T> {
  if (!terminal) return fetch({ log });
  const { MultiBar } = await import('cli-progress');
  const bars = new MultiBar({ stream: terminal, format: '[{bar}] {percentage}% {source}', gracefulExit: false });
  const held: LogEvent[] = [];
  const watch: FetchWatch = {
    begun: (source) => {
      const bar = bars.create(1, 0, { source: withoutControls(source) });
      return (done, total) => {
        bar.setTotal(Math.max(done, total, 1));
        bar.update(done);
      };
    },
    ended: () => {
      bars.update();
    },
  };
  try {
    return await fetch({ log: (event) => held.push(event), watch });
  } finally {
    bars.stop();
    for (const event of held) log(event);
  }
}

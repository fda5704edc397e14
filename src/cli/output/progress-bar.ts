/**
 * A progress bar for somebody who waits at a terminal; elsewhere nothing.
 *
 * It stands in the last line of stderr, below the log lines, and leaves nothing behind. Signals end the program as if there were none.
 */
import { SingleBar } from 'cli-progress';
import type { Log } from '#events/event.ts';

export interface ProgressBar {
  /** So many more things are to be done than was known. */
  expect(count: number): void;
  /** So many more are done. */
  advance(count: number): void;
  /** A log whose lines the bar makes room for. */
  readonly log: Log;
  stop(): void;
}

/** `terminal` is undefined where nobody watches. */
export function progressBar(label: string, log: Log, terminal: NodeJS.WritableStream | undefined): ProgressBar {
  return terminal === undefined ? invisible(log) : visible(label, log, terminal);
}

function invisible(log: Log): ProgressBar {
  const nothing = (): void => undefined;
  return { expect: nothing, advance: nothing, stop: nothing, log };
}

const CLEAR_LINE = '\r\u001b[K';

function visible(label: string, log: Log, terminal: NodeJS.WritableStream): ProgressBar {
  const bar = new SingleBar({
    format: `${label} [{bar}] {value}/{total}`,
    barsize: 30,
    stream: terminal,
    clearOnComplete: true,
    gracefulExit: false,
    linewrap: true,
  });
  let total = 0;
  return {
    expect(count) {
      total += count;
      if (total === count) bar.start(total, 0);
      else bar.setTotal(total);
    },
    advance(count) {
      bar.increment(count);
    },
    log(event) {
      terminal.write(CLEAR_LINE);
      log(event);
    },
    stop() {
      bar.stop();
    },
  };
}

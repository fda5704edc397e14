/**
 * Shows a text that changes, on the other screen of the terminal: what was there before comes back in the end (xterm's control sequences 1049, 25 and 7).
 *
 * Lines that the screen has no room for are left out at the end. It takes no more than a part of the time to make the text, however long that takes.
 */
import type { SteadyClock } from '#support/clock.ts';

export interface LiveScreen {
  readonly print: (text: string) => void;
  /** How many lines there are now. */
  readonly rows: () => number;
  readonly clock: Pick<SteadyClock, 'steadyMs' | 'sleep'>;
  readonly stopping: AbortSignal;
}

const BEGIN = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const END = '\x1b[?7h\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const CLEAR_LINE = '\x1b[K';
const CLEAR_REST = '\x1b[J';
const LEAST_MS = 2_000;
/** So many times as long as making the text took, nothing is done. */
const REST = 4;

export async function showLive(textNow: () => string, screen: LiveScreen): Promise<void> {
  const { print, rows, clock, stopping } = screen;
  print(BEGIN);
  try {
    while (!stopping.aborted) {
      const beganMs = clock.steadyMs();
      print(frameOf(textNow(), rows()));
      await clock.sleep(Math.max(LEAST_MS, REST * (clock.steadyMs() - beganMs)), stopping);
    }
  } finally {
    print(END);
  }
}

function frameOf(text: string, rows: number): string {
  const lines = text.replace(/\n$/, '').split('\n').slice(0, rows);
  return `${HOME}${lines.map((line) => `${line}${CLEAR_LINE}`).join('\r\n')}${CLEAR_REST}`;
}

/**
 * The port to the processes that `run` consists of: each is this program with another command.
 */

import type { PartEnd } from '#events/run-events.ts';

export interface Part {
  /** Never rejects. */
  readonly ended: Promise<PartEnd>;
  /** Asks it to end in order. May be called again, and after the end. */
  stop(): void;
  /** Ends it, and what it has started, at once. May be called again, and after the end. */
  kill(): void;
}

export interface PartStarter {
  /** `words` are what is typed behind `tlsrpt`. `heard` is called now and then, for as long as the process works off what comes. */
  start(words: readonly string[], heard: () => void): Part;
  /** Lets processes go whose parents have ended, where they are left to this one. To be called every now and then. */
  reapOrphans(): void;
}

export function isFine(end: PartEnd): boolean {
  return end.kind === 'exited' && FINE.includes(end.code);
}

/** Done, and what waits is tried again (sysexits.h). */
const FINE = [0, 75];

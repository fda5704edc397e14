/**
 * What a process that `run` has started is to it, by the channel that Node.js makes between a process and its child.
 *
 * A message that `run` does not take is dropped: it then acts by its own rules.
 */
import type { ServiceManager } from '#pipeline/collect/service-manager.ts';
import { isDue } from '#support/is-due.ts';

/** Set by `run` for its parts. Nothing below them is to take it for its own. */
export const PART_VARIABLE = 'TLSRPT_PART_OF_RUN';

const BEAT_MS = 10_000;

export interface Supervisor extends ServiceManager {
  /** `act` is called when it has ended, however it ended. */
  onGone(act: () => void): void;
}

interface Child extends Pick<NodeJS.Process, 'env' | 'send'> {
  on(event: 'disconnect', act: () => void): unknown;
}

/** Undefined for a process that `run` has not started. To be called once, before anything reads the environment. */
export function findSupervisor(child: Child = process): Supervisor | undefined {
  const isPart = child.env[PART_VARIABLE] !== undefined;
  Reflect.deleteProperty(child.env, PART_VARIABLE);
  if (!isPart || !child.send) return undefined;
  let toldMs: number | undefined;
  const tell = (): void => {
    child.send?.('alive', undefined, undefined, () => undefined);
  };
  return {
    ready: tell,
    alive: (nowMs) => {
      if (!isDue(toldMs, BEAT_MS, nowMs)) return;
      toldMs = nowMs;
      tell();
    },
    stopping: () => undefined,
    onGone: (act) => {
      child.on('disconnect', act);
    },
  };
}

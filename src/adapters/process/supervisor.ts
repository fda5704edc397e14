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
  /** For a part that may be killed at any moment: then it is, with what it has started. */
  dieWithIt(): void;
}

interface Child extends Pick<NodeJS.Process, 'connected' | 'env' | 'kill' | 'pid' | 'send'> {
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
  const onGone = (act: () => void): void => {
    if (child.connected) child.on('disconnect', act);
    else act();
  };
  return {
    ready: tell,
    alive: (nowMs) => {
      if (!isDue(toldMs, BEAT_MS, nowMs)) return;
      toldMs = nowMs;
      tell();
    },
    stopping: () => undefined,
    onGone,
    dieWithIt: () => {
      // It leads a session of its own, see child-processes.ts.
      onGone(() => child.kill(-child.pid, 'SIGKILL'));
    },
  };
}

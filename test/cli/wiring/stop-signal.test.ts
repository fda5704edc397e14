import { describe, expect, it } from 'vitest';
import { onStopSignal } from '#cli/wiring/stop-signal.ts';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

function listeners(): number[] {
  return SIGNALS.map((signal) => process.listenerCount(signal));
}

describe('A command that can be told to stop', () => {
  it.each(SIGNALS)('is told by %s, and leaves the second signal, whichever, to end the process', (signal) => {
    const before = listeners();
    const { stopping } = onStopSignal();
    expect(stopping.aborted).toBe(false);
    process.emit(signal);
    expect([stopping.aborted, listeners()]).toEqual([true, before]);
  });

  it('has the signals end the process again once it is over', () => {
    const before = listeners();
    const { stopping, release } = onStopSignal();
    release();
    expect([stopping.aborted, listeners()]).toEqual([false, before]);
  });
});

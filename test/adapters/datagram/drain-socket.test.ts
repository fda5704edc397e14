import { describe, expect, it } from 'vitest';
import { takeQueued } from '#adapters/datagram/drain-socket.ts';

function takenFrom(receiveQueued: () => number): number[] {
  const taken: number[] = [];
  takeQueued({ receiveQueued }, (count) => taken.push(count));
  return taken;
}

describe('What the receiver thread takes when it is told to stop', () => {
  it('is all that is queued', () => {
    const counts = [64, 64, 7];
    expect(takenFrom(() => counts.shift() ?? 0)).toEqual([64, 64, 7]);
  });

  it('has an end although somebody does not stop sending', () => {
    const taken = takenFrom(() => 1);
    expect(taken.length).toBeGreaterThan(1_000);
  });
});

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { handoverLimits, Handovers } from '#adapters/http/handovers.ts';
import type { PostedSession } from '#adapters/http/posted-item.ts';

const session = (bytes = 1): PostedSession => ({
  bytes: Buffer.alloc(bytes),
  happenedMs: undefined,
  receipt: undefined,
});

describe('What is handed over', () => {
  let posted: number[];
  let handovers: Handovers;

  beforeEach(() => {
    vi.useFakeTimers();
    posted = [];
    handovers = new Handovers((request) => posted.push(request));
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('is waited for until it is journaled', async () => {
    const [first, second] = [handovers.handOver([session()]), handovers.handOver([session()])];
    handovers.noteJournaled([2]);
    expect(await second).toBe('journaled');
    handovers.noteJournaled([1, 99]);
    expect([await first, posted]).toEqual(['journaled', [1, 2]]);
  });

  it('is not waited for too long, and takes its room until it is journaled', async () => {
    const large = handovers.handOver([session(handoverLimits.bytes)]);
    await vi.advanceTimersByTimeAsync(handoverLimits.waitMs);
    expect([await large, handovers.isFull, await handovers.handOver([session()])]).toEqual(['late', true, 'full']);
    handovers.noteJournaled([1]);
    expect(handovers.isFull).toBe(false);
  });

  it('finds no room where very many wait', async () => {
    const many = handovers.handOver(Array.from({ length: handoverLimits.sessions }, () => session(0)));
    expect(await handovers.handOver([session()])).toBe('full');
    handovers.noteJournaled([1]);
    expect(await many).toBe('journaled');
  });
});

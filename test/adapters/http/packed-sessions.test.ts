import { describe, expect, it } from 'vitest';
import { memoryOf, packSessions, unpackSession } from '#adapters/http/packed-sessions.ts';

describe('Sessions that go to another thread', () => {
  it('are the same there', () => {
    const sessions = [
      { bytes: Buffer.from('one'), happenedMs: 7, receipt: Buffer.alloc(16, 1) },
      { bytes: Buffer.alloc(0), happenedMs: undefined, receipt: undefined },
      { bytes: Buffer.from('three'), happenedMs: 0, receipt: Buffer.alloc(16, 3) },
    ];
    const packed = packSessions(sessions);
    const there = structuredClone(packed, { transfer: memoryOf(packed) });
    expect(sessions.map((_, index) => unpackSession(there, index))).toEqual(sessions);
    expect(packed.bytes).toHaveLength(0);
  });
});

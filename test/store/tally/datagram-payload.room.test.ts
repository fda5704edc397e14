import { describe, expect, it } from 'vitest';
import { DatagramBatch } from '#store/tally/datagram-payload.ts';

const DATAGRAM_BYTES = 200_000;
const DATAGRAMS = 6;
const FRAMES = 5;

function cutFrame(batch: DatagramBatch, bytes: Buffer): number {
  for (let number = 0; number < DATAGRAMS; number += 1) {
    batch.define(number, bytes);
    batch.count(number);
  }
  return batch.cut().length;
}

describe('A batch of large datagrams', () => {
  it('takes no more new memory for each frame than the frame has', () => {
    const batch = new DatagramBatch();
    const bytes = Buffer.alloc(DATAGRAM_BYTES, 'x');
    cutFrame(batch, bytes);
    const before = process.memoryUsage().arrayBuffers;
    let frameBytes = 0;
    for (let frame = 0; frame < FRAMES; frame += 1) frameBytes += cutFrame(batch, bytes);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(frameBytes * 1.1);
  });
});

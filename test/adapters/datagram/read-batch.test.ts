import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ReadBatch } from '#adapters/datagram/read-batch.ts';
import { bindAsSystemd } from '#test/support/inherited-socket.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';

function textsIn(batch: ReadBatch, count: number): string[] {
  return Array.from({ length: count }, (_, index) => batch.datagram(index).toString());
}

describe('A batch of datagrams read without the C library', () => {
  it('takes what is queued, as many at once as it has room for', () => {
    const { fd, path } = bindAsSystemd(join(scratchDirectory(), 'socket'), { isNonBlocking: true });
    const batch = new ReadBatch(fd, { datagrams: 3, datagramBytes: 8 });
    sendDatagrams(
      path,
      ['one', '', '123456789', 'four'].map((text) => Buffer.from(text)),
    );
    expect(textsIn(batch, batch.receive())).toEqual(['one', '', '12345678']);
    expect(textsIn(batch, batch.receiveQueued())).toEqual(['four']);
    expect([batch.receiveQueued(), batch.receive()]).toEqual([0, 0]);
  });

  it('throws what the system says when the descriptor is none', () => {
    const batch = new ReadBatch(9_999, { datagrams: 1, datagramBytes: 8 });
    expect(() => batch.receive()).toThrow(expect.objectContaining({ code: 'EBADF' }));
  });
});

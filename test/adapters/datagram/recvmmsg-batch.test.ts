import { openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RecvmmsgBatch } from '#adapters/datagram/recvmmsg-batch.ts';
import { openDatagramSocket } from '#adapters/datagram/datagram-socket.ts';
import { loadLibc } from '#support/libc.ts';
import { bindAsSystemd } from '#test/support/inherited-socket.ts';
import { openLingering } from '#test/support/lingering-socket.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { sendDescriptors } from '#test/support/send-descriptors.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';

function openSocket(): { fd: number; send: (...texts: readonly string[]) => void } {
  const path = join(scratchDirectory(), 'socket');
  const socket = openDatagramSocket({ path, mode: 0o600, userId: undefined, groupId: undefined });
  socket.publish();
  return {
    fd: socket.fd,
    send: (...texts) => {
      sendDatagrams(
        path,
        texts.map((text) => Buffer.from(text)),
      );
    },
  };
}

function batchOf(fd: number, datagrams: number, datagramBytes: number): { batch: RecvmmsgBatch; bytes: Buffer } {
  const bytes = Buffer.alloc(datagrams * datagramBytes);
  return { batch: new RecvmmsgBatch(fd, { datagrams, datagramBytes }, bytes), bytes };
}

function textsIn({ batch, bytes }: ReturnType<typeof batchOf>, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const start = batch.startOf(index);
    return bytes.toString('utf8', start, start + batch.lengthOf(index));
  });
}

describe('A batch of datagrams', () => {
  it('takes what is queued, as many at once as it has room for', () => {
    const { fd, send } = openSocket();
    const received = batchOf(fd, 3, 64);
    const { batch } = received;
    send('one', 'two', '', 'four');
    expect(textsIn(received, batch.receive())).toEqual(['one', 'two', '']);
    expect(textsIn(received, batch.receiveQueued())).toEqual(['four']);
    expect([batch.receiveQueued(), batch.receive()]).toEqual([0, 0]);
    loadLibc().close(fd);
  });

  it('cuts off what is longer than it has room for, and touches nothing else', () => {
    const { fd, send } = openSocket();
    const received = batchOf(fd, 2, 8);
    const { batch } = received;
    send('123456789', 'next');
    expect(textsIn(received, batch.receive())).toEqual(['12345678', 'next']);
    loadLibc().close(fd);
  });

  it('throws what the system says when the socket is none', () => {
    const { batch } = batchOf(9_999, 1, 8);
    expect(() => batch.receiveQueued()).toThrow(expect.objectContaining({ code: 'EBADF' }));
  });
});

describe('Descriptors that a sender passes along', () => {
  const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

  it('are closed at once, however long they would linger', async () => {
    const { fd, path } = bindAsSystemd(join(scratchDirectory(), 'socket'));
    const lingering = await openLingering(600);
    const before = openDescriptors();
    expect(sendDescriptors(path, Buffer.from('one'), [lingering])).toBe(0);
    loadLibc().close(lingering); // the queue has the last reference
    sendDatagrams(path, [Buffer.from('two')]);
    const received = batchOf(fd, 4, 64);
    expect(textsIn(received, received.batch.receive())).toEqual(['one', 'two']);
    expect(openDescriptors()).toBe(before - 1);
  });

  it('are closed though each datagram has as many as it can have, time and again', () => {
    const { fd, path } = bindAsSystemd(join(scratchDirectory(), 'socket'));
    const some = openSync('/dev/null', 'r');
    const before = openDescriptors();
    const received = batchOf(fd, 2, 64);
    for (let times = 0; times < 3; times += 1) {
      for (const text of ['one', 'two', 'three']) {
        const [bytes, all] = [Buffer.from(text), Array.from({ length: 253 }, () => some)];
        expect(sendDescriptors(path, bytes, all)).toBe(0);
      }
      expect(textsIn(received, received.batch.receive())).toEqual(['one', 'two']);
      expect(textsIn(received, received.batch.receive())).toEqual(['three']);
      expect(openDescriptors()).toBe(before);
    }
    loadLibc().close(some);
  });
});

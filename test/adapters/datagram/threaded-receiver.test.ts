import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openDatagramSocket } from '#adapters/datagram/datagram-socket.ts';
import { startThreadedReceiver } from '#adapters/datagram/threaded-receiver.ts';
import { loadLibc } from '#support/libc.ts';
import { describeDatagramReceiver } from '#test/contracts/datagram-receiver.contract.ts';
import type { ReceiverSubject } from '#test/contracts/datagram-receiver.contract.ts';
import { EXECUTABLE } from '#test/support/run-tlsrpt.ts';
import { scratchDirectory } from '#test/support/scratch.ts';
import { sendDatagrams } from '#test/support/send-datagrams.ts';

async function start(): Promise<ReceiverSubject & { readonly fd: number }> {
  const path = join(scratchDirectory(), 'socket');
  const socket = openDatagramSocket({ path, mode: 0o600, userId: undefined, groupId: undefined });
  const receiver = await startThreadedReceiver(EXECUTABLE, socket.fd);
  socket.publish();
  onTestFinished(() => {
    receiver.stop();
  });
  return {
    fd: socket.fd,
    receiver,
    send: (datagrams) => {
      sendDatagrams(path, datagrams);
    },
  };
}

describeDatagramReceiver('The receiver thread', start);

describe('The receiver thread', () => {
  it('drains the socket while the main thread does something else', async () => {
    const { receiver, send } = await start();
    const datagrams = Array.from({ length: 20_000 }, (_, index) => Buffer.from(`${String(index)} ${'x'.repeat(500)}`));
    send(datagrams); // holds this thread until the kernel has taken the last one
    let next = 0;
    while (next < datagrams.length) {
      await receiver.wait(1_000);
      receiver.take(4_096, (bytes) => {
        if (datagrams[next]?.equals(bytes) !== true) throw new Error(`datagram ${String(next)} is another`);
        next += 1;
      });
    }
    expect(next).toBe(datagrams.length);
  });

  it('ends and says why when it cannot receive', async () => {
    const fd = loadLibc().socket(1, 1, 0); // a stream socket, not connected
    const receiver = await startThreadedReceiver(EXECUTABLE, fd);
    while (!receiver.ended) await receiver.wait(1_000);
    expect(receiver.failure?.message).toMatch(/^recvmmsg: E/);
    loadLibc().close(fd);
  });

  it('cannot be started from a file that is none', async () => {
    await expect(startThreadedReceiver('/no/such/executable', 0)).rejects.toThrow('/no/such/executable');
  });
});
